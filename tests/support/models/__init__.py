"""For tests of the way to a chat model: servers on the loopback address, and what they answer."""
