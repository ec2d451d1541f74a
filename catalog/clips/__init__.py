"""Clips of sound: which part of a recording is heard, and how it is cut."""
