"""Licensed music to bars of the music language: `python -m kqv_training.importing <data folder>`."""
