"""Recommenders to compare others with."""
