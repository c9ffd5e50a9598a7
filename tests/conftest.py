"""pytest itself puts this folder on sys.path (for ``import tiny_envs``), and tests/envs must not pass for ``envs``."""

import sys
from pathlib import Path

ROOT = str(Path(__file__).parents[1])
if ROOT not in sys.path:
    sys.path.append(ROOT)
