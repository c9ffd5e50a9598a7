"""Where the figures in the README come from: commands, and raw results in JSON."""
