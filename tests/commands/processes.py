"""What became of processes that a test started."""

import os
import select

SECONDS = 10.0


def ends(pid: int) -> bool:
    """Whether a process, of whomever, ends soon."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    with open(process):
        return bool(select.select([process], [], [], SECONDS)[0])
