"""What can sit in the recsys's chair besides a chat model, and what finds tracks for whoever sits there."""
