"""``python -m gail.generate``."""

import sys

from gail.generate import main

sys.exit(main())
