"""A rule-based composer of whole arrangements: the first half of the training music, and all of it so far."""
