"""What acts: policies, the rollouts they make, and how they learn from them."""
