"""What a world model is worth: how far it foresees, what its latents hold, and what is dreamt of returns."""
