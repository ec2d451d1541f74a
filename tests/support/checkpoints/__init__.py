"""For tests of the saver and the store."""
