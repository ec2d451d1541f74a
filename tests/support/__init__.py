"""What tests share: sample states, scripted answers, servers. Imported as `support`."""
