"""The ground: errors, settings, content hashing, seeded random streams. Imports nothing of ours."""
