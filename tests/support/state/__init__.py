"""For tests of the conversation as values."""
