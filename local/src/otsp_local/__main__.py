"""python -m otsp_local COMMAND"""

import sys

from otsp_local.commands import main

sys.exit(main())
