"""The recommender offline: what it hears, what it picks, what it says."""
