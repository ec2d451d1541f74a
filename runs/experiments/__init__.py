"""Conversations played differently: branches, ablations, and the proof by replay."""
