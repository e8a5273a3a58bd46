"""`python -m offhook`: the command line."""

import sys

from offhook.cli import main

if __name__ == "__main__":
    sys.exit(main())
