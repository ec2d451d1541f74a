"""The pages on which people rate conversations: blind, by a link of their own, every click kept."""
