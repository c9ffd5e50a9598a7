"""Generators of transitions: the GAN, and what it must beat. All of them are environments, too."""
