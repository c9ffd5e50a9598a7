"""``python -m gail.benchmark``."""

import sys

from gail.benchmark import main

sys.exit(main())
