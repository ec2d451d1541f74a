"""Evidence: audits of what is stored."""
