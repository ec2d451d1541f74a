"""Training: what is read in which order, the loss, checkpoints, and what it will take."""
