"""What is at the other end of a network interface's wire: an address that answers pings, and two services.

Each interface has a wire of its own. Nothing else is on it, and no packet leaves for the host's networks.
"""

PEER = "10.0.2.2"
"""answers ICMP echo requests"""
OWN = "10.0.2.15/24"
"""the address that the interface may take"""

SERVER = "10.0.2.100"
"""has the services, over TCP"""
SUM_PORT = 7001
"""takes bytes until the sender has no more, then says their SHA-256 in a line as sha256sum does"""
NUMBERS_PORT = 7002
"""says the numbers from 1 to NUMBERS, each on a line of its own"""
NUMBERS = 1_000_000

_SERVICES = {SUM_PORT: "sha256sum", NUMBERS_PORT: f"seq {NUMBERS}"}


def netdev(name: str) -> str:
    """Return what QEMU's -netdev takes for the wire of an interface.

    A connection is answered by a process that has the other end of it as its input and output, so it ends
    when QEMU does: what it reads ends, and what it writes is refused.
    """
    services = (f"guestfwd=tcp:{SERVER}:{port}-cmd:{command}" for port, command in _SERVICES.items())
    return ",".join([f"user,id={name},restrict=on", *services])
