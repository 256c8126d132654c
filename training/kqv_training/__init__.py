"""Offline training of the Key Query Voice model: composed corpus, training, evaluation and export."""
