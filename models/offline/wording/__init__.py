"""How a language builds its phrases: word order, agreement."""
