"""The face: what `import segue` gives. `segue/__init__.py` re-exports it, name by name, when it is asked for."""
