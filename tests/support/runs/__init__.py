"""For tests of runs and their workers."""
