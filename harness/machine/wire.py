"""What is at the other end of a network interface's wire: an address that answers pings, and two services.

Each interface has a wire of its own. Nothing else is on it, and no packet leaves for the host's networks.
"""

PEER = "10.0.2.2"
"""answers ICMP echo requests"""
OWN = "10.0.2.15 netmask 255.255.255.0"
"""the address that the interface may take, as ifconfig wants it"""

SERVER = "10.0.2.100"
"""has the services, over TCP"""
SUM_PORT = 7001
"""takes bytes until the sender has no more, then says their SHA-256 in a line as sha256sum does"""
NUMBERS_PORT = 7002
"""says the numbers from 1 to NUMBERS, each on a line of its own"""
NUMBERS = 200_000

SERVICES = {SUM_PORT: "sha256sum", NUMBERS_PORT: f"seq {NUMBERS}"}
"""Programs that answer, one for each connection, which is their input and output."""
