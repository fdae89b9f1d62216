"""Functions that the model may call, run outside of our process."""
