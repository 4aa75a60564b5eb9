"""Starts the sandbox as `python -m kling_desktop.sandbox`."""

import sys

from kling_desktop.sandbox.program import main

if __name__ == "__main__":
    sys.exit(main())
