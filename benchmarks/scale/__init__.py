"""Demonstrations that are larger than memory: what it takes to look at them and to learn from them."""
