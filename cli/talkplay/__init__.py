"""`segue talkplay`, one file for each thing to do."""
