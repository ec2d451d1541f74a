"""The face of Talk the Walk: conversations from collections, encoders trained on them, and what tests these."""
