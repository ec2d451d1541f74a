"""Data sets of conversations in the published schema: reading, export, splits, statistics, the card."""
