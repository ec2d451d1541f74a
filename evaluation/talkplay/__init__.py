"""Next-track recommendation in conversations, as TalkPlay is evaluated (Doh, Choi and Nam, 2025, section 6)."""
