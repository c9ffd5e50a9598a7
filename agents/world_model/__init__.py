"""What an agent believes its environment to be: what it sees as latents, and what comes of its actions."""
