"""What runs will cost and what they have cost."""
