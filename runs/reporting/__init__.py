"""What is told of a run: how it stands, what failed, what it cost."""
