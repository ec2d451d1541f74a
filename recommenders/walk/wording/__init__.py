"""What is said in a walked conversation, written by a chat model: what it is told, what it answers, what is checked."""
