"""What only Gemini has beside answers: uploaded media, caches of beginnings, batch jobs."""
