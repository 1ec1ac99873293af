"""Checksummed work for a Linux that must notice nothing while its neighbour is attacked, or ends."""

from collections.abc import Iterator
from contextlib import contextmanager

from fixtures.partitions import Partition
from suites.systems.linux import shell, upload

GAP_HUNDREDTHS, GAP_OF_A_HOST = 100, 1500
"""How long a round may take by the Linux's own clock; it naps for 5 and works for some. Where its time is
that of a busy host, only what comes back too late by far can be seen."""
ROUNDS = 5

WORK = """
rm -f /tmp/work /tmp/halt
right=$(dd if=/dev/zero bs=64k count=2 2>/dev/null | sha256sum)
now() { read up _ </proc/uptime; echo ${up%.*}${up#*.}; }
rounds=0 wrong=0 longest=0 last=$(now)
while [ ! -e /tmp/halt ]; do
  sum=$(dd if=/dev/zero bs=64k count=2 2>/dev/null | sha256sum)
  [ "$sum" = "$right" ] || wrong=$((wrong + 1))
  usleep 50000
  new=$(now) gap=$((new - last)) last=$new
  [ $gap -le $longest ] || longest=$gap
  rounds=$((rounds + 1))
  echo $rounds $wrong $longest >/tmp/work.new && mv /tmp/work.new /tmp/work
done
"""
"""Sums the same bytes again and again, and counts rounds, wrong sums, and the longest round."""


@contextmanager
def undisturbed(linux: Partition) -> Iterator[None]:
    """Has a Linux work while the block runs.

    Fails if a sum was wrong, if a round took too long, or if there were hardly any.
    """
    upload(linux, "/tmp/work.sh", WORK)
    shell(linux, "sh /tmp/work.sh >/dev/null 2>&1 &")
    yield
    shell(
        linux, f"until [ -e /tmp/work ] && read n _ </tmp/work && [ $n -ge {ROUNDS} ]; do usleep 50000; done"
    )
    rounds, wrong, longest = map(int, shell(linux, "touch /tmp/halt; cat /tmp/work").split())
    assert wrong == 0, f"{linux}: {wrong} of {rounds} checksums were wrong"
    most = GAP_HUNDREDTHS if linux.is_counted else GAP_OF_A_HOST
    assert longest <= most, f"{linux}: a round took {longest / 100} s of its own time"
