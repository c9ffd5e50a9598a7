"""A person at the keyboard: which key does what, a window, and what happens in it."""
