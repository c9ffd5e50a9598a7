"""Where rewards come from: discriminators, what they see, and the rewards that outlive them."""
