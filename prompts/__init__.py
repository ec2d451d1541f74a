"""Templates as files, the goal templates, and the strict loader that renders them. Words, no logic."""
