"""The conversation as pure values: what is known, who may know it, and the views that follow from that."""
