"""Joining catalogues with other tables: names as they compare, tags, songs, tracks that are one and the same."""
