"""Talk the Walk: conversations made from collections of tracks, and a retriever that is trained on them."""
