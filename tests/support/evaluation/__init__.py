"""For tests of audits, judges and studies."""
