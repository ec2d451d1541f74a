"""What segue keeps beside checkpoints: threads, runs, model calls, deliveries, judgements, imports."""
