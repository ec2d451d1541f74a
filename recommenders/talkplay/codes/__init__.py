"""Tracks as codes: vectors by modality, k-means, and the look-up from codes back to tracks."""
