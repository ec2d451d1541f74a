"""From a session to the first state of a conversation: sample, pool, persona, proposed criteria."""
