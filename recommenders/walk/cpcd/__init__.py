"""CPCD, music conversations between people: its files read, and its tracks as items."""
