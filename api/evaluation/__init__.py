"""Audits, judges, experiments, benches and reports, as a library gives them."""
