"""The dual encoder: requests and items as vectors, learned from collections and conversations walked through them."""
