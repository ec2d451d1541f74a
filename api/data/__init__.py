"""What comes in and goes out: catalogues, data sets, media."""
