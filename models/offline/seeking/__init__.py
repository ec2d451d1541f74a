"""The listener offline under the third rules: what it seeks, when that is found, and how it goes on then."""
