"""The report of a bench: its measures, their estimates, and how they are told."""
