"""`python -m gail.dream`."""
