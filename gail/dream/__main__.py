"""``python -m gail.dream``."""

import sys

from gail.dream import main

sys.exit(main())
