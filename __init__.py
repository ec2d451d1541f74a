"""segue: four agents, each seeing its own part of the truth, talk about music; every step is kept."""

__version__ = "0.1.0"
