"""What is shown: demonstrations, how they are checked, stored and recorded."""
