"""For tests of the catalogue: tracks, sources and recordings, small or broken."""
