"""The human study: who rates what, and what the ratings say."""
