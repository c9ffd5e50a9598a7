"""``python -m gail.demos``."""

import sys

from gail.demos import main

sys.exit(main())
