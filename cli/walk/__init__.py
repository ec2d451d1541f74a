"""`segue walk`, a file for each part of it."""
