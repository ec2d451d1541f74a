"""What calls cost: prices, the meter that counts, the budget that stops."""
