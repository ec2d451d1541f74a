"""Conversations in which each turn shows several tracks, read as data sets."""
