"""From listening sessions to conversations: which qualify, and what is sampled from each."""
