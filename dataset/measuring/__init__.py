"""What a data set comes to: its statistics, as tables, side by side and as plots."""
