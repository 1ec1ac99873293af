"""The command line of the tiny tree: says what it was called with; a file `fail-build` makes it fail."""

import sys
from pathlib import Path


def main() -> None:
    """Prints the arguments."""
    if "build" in sys.argv and Path(__file__).with_name("fail-build").exists():
        sys.exit("the assembler said no")
    print("tiny:", *sys.argv[1:])
