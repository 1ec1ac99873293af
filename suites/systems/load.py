"""Checksummed work for a Linux that must notice nothing while its neighbour is attacked, or ends."""

from collections.abc import Iterator
from contextlib import contextmanager

from fixtures.partitions import Partition
from harness.machine import wire
from suites.systems.linux import shell, upload
from suites.systems.media import BLOCK, FREE_BLOCK, LAST_BLOCK

GAP_HUNDREDTHS, GAP_OF_A_HOST = 100, 1500
"""How long a round may take by the Linux's own clock; it naps for 5 and works for some. Where its time is
that of a busy host, only what comes back too late by far can be seen."""
ROUNDS = 5

WORK = f"""
rm -f /tmp/work /tmp/halt
seq 20000 | head -c {BLOCK} >/tmp/piece
right=$(sha256sum </tmp/piece)
disk=$(ls /sys/block | head -n 1) nic=$(ls /sys/class/net | grep -v lo)
[ -z "$nic" ] || ifconfig $nic {wire.OWN} up
now() {{ read up _ </proc/uptime; echo ${{up%.*}}${{up#*.}}; }}
check() {{ [ "$1" = "$right" ] || wrong=$((wrong + 1)); }}
rounds=0 wrong=0 longest=0
while [ ! -e /tmp/halt ]; do
  last=$(now)
  check "$(sha256sum </tmp/piece)"
  usleep 50000
  new=$(now) gap=$((new - last))
  [ $gap -le $longest ] || longest=$gap
  if [ -n "$disk" ]; then
    place=$(({FREE_BLOCK} + rounds % {LAST_BLOCK - FREE_BLOCK}))
    dd if=/tmp/piece of=/dev/$disk bs={BLOCK} seek=$place conv=fsync,notrunc
    blockdev --flushbufs /dev/$disk
    check "$(dd if=/dev/$disk bs={BLOCK} skip=$place count=1 | sha256sum)"
  fi
  [ -z "$nic" ] || check "$(nc {wire.SERVER} {wire.SUM_PORT} </tmp/piece)"
  rounds=$((rounds + 1))
  echo $rounds $wrong $longest >/tmp/work.new && mv /tmp/work.new /tmp/work
done
"""
"""Sums the same bytes again and again: from memory, and through its disk and its network if it has them.
Counts rounds, wrong sums, and the longest round, but for disk and network: how long these take is the host's
affair."""


@contextmanager
def undisturbed(linux: Partition) -> Iterator[None]:
    """Has a Linux work while the block runs, on a processor that waits for no other.

    Fails if a sum was wrong, if a round took too long, or if there were hardly any.
    """
    enough = f"[ -e /tmp/work ] && read n _ </tmp/work && [ $n -ge {ROUNDS} ]"
    upload(linux, "/tmp/work.sh", WORK)
    with linux.machine.short_turns():
        shell(linux, "sh /tmp/work.sh >/dev/null 2>&1 &")
        yield
        shell(linux, f"until {enough}; do usleep 50000; done")
    rounds, wrong, longest = map(int, shell(linux, "touch /tmp/halt; cat /tmp/work").split())
    assert wrong == 0, f"{linux}: {wrong} of {rounds} checksums were wrong"
    most = GAP_HUNDREDTHS if linux.is_counted else GAP_OF_A_HOST
    assert longest <= most, f"{linux}: a round took {longest / 100} s of its own time"
