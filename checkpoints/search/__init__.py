"""The index of a store: the words of every message and thought, and what conversations are listed by."""
