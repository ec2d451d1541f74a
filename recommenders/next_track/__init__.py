"""The next track of a conversation: what is asked, what there is to learn from, and those who need little learning."""
