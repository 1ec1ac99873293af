"""What has to come of a partition that ended: it is silent, or it starts again, as its manifest says."""

from typing import Literal

from fixtures.operator import Operator
from fixtures.partitions import Partition

SILENCE_SECONDS = 0.15
"""How long to listen to a partition that should be over. Stronger evidence is that it can be started then."""


def check_ended(subject: Partition, policy: Literal["stop", "restart"], operator: Operator) -> None:
    """Checks that the subject has ended, and starts again by itself if, and only if, the policy says so.

    Afterwards the subject runs again: one that stays over is started by the operator.
    """
    if policy == "stop":
        assert subject.silent(SILENCE_SECONDS), f"{subject} answers, and should be over"
        operator.start(subject.name)
    subject.boot()
    assert subject.echo(b"works again") == b"works again"
