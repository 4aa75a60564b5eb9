"""Starts Kling Desktop from a checkout: the window, or a subcommand of the command line."""

import sys

from kling_desktop.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
