"""TalkPlay: what it learns from, and how well it and others tell the next track."""
