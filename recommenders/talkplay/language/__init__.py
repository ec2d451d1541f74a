"""The language model: opened, given rows for music tokens, asked which tracks it would write."""
