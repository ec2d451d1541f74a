"""`segue study`."""
