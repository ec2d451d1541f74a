"""Embeddings: tracks and texts as vectors, by words, by the company that they keep, and by sound."""
