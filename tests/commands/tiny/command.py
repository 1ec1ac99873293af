"""The command line of the tiny tree: says what it was called with."""

import sys


def main() -> None:
    """Prints the arguments."""
    print("tiny:", *sys.argv[1:])
