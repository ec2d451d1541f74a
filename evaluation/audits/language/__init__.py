"""Audits of what is written, by rules on words."""
