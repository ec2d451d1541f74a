"""Audits of data sets: deterministic counts of known faults, each with its definition and its rows."""
