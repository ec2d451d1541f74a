"""What is done to a store as a whole: made, migrated, copied, shortened, cleaned."""
