"""What steps: Gymnasium environments, made ready for rollouts."""
