"""Retrieval: all tracks of a catalogue put in order for what was said, by their words or by their meaning."""
