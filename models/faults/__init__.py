"""What comes back in place of an answer: bounded and mended, vendors' errors mapped to ours, what may be left out."""
