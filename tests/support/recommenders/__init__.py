"""For tests of recommenders and what trains them."""
