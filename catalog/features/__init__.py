"""Features heard from the audio: tempo, key, chords, loudness; kept by digest with their makers' versions."""
