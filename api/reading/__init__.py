"""Reading of a whole store: what is found in it, the list by pages, what an agent was sent."""
