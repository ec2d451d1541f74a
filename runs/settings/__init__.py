"""Settings: every one described once, as they are typed, in plan files, and derived from."""
