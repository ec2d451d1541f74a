"""What the suite comes to: the report, tables, published figures beside it, comparisons, gates."""
