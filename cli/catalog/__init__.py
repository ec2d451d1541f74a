"""`segue catalog` and its commands."""
