"""Commands that measure, judge and compare, one file a command."""
