"""What the defaults come to, with nothing given but an environment and demonstrations."""
