"""Many conversations: plan, fingerprint, set-up, concurrency, resuming."""
