"""Bytes: values, manifests and packs as they are stored, and read back. No database."""
