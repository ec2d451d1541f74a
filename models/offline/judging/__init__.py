"""The judge offline: grades by plain rules."""
