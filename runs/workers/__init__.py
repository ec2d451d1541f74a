"""Runs spread over processes and machines: the coordinator, workers, and where they run."""
