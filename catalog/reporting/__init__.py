"""What a catalogue holds and lacks: the report of reading it, and its health."""
