"""Short turns for the processors of a machine whose instructions QEMU counts.

It carries out one processor after the other there: each until a timer of the machine is due, at most for
100 ms; until it sleeps; or until it has set the timer that is due next. So beside one that computes without a
timer, one that ticks gets its ticks done and hardly more: each of them ends its turn, and the next one the
other's. A round of work that takes 60 ms was seen to take 4.6 s beside a kernel that unpacked itself.

A timer that nobody on the machine sees ends all turns soon. It is not there all the time, because time then
goes on while all processors sleep, by as much as the host is fast.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

MICROSECONDS = 1000
WIRE, TIMER = "turns", "turns-timer"
"""A wire that nothing hangs on, and a filter that lets its packets go at intervals of machine time
(qapi/net.json, qapi/qom.json)."""


@contextmanager
def short_turns(execute: Callable[..., object]) -> Iterator[None]:
    """Has turns end after a millisecond of the machine's time while the block runs.

    After a block that raised they stay short: the machine may be gone.

    Args:
      execute: carries out a command of QEMU's monitor, with its arguments.
    """
    execute("netdev_add", type="hubport", id=WIRE, hubid=0)
    execute("object-add", qom_type="filter-buffer", id=TIMER, netdev=WIRE, interval=MICROSECONDS)
    yield
    execute("object-del", id=TIMER)
    execute("netdev_del", id=WIRE)
