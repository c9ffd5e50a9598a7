"""What acts: policies, the rollouts they make, and how they learn from them."""

import os

# TensorFlow reads this when it is imported, and by itself takes oneDNN's convolutions only on processors with AVX-512.
# On one with AVX2 they are the faster ones as well.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
