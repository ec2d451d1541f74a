"""For tests of the way to Gemini: its interface on a loopback address, and what it would bill."""
