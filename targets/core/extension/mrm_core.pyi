"""The trap-and-route core (targets/core), asked from Python. Numbers are ints, partitions are indices."""

from typing import Final, NamedTuple

from typing_extensions import Buffer

# struct -> field -> (offset, bytes of an element, number of elements); structures are named without "cfg_".
# Nested: ram, firmware, ecam, controller, mmio are "range"; port is "ports"; reset is "reset_register".
LAYOUT: Final[dict[str, dict[str, tuple[int, int, int]]]]

# The constants and enumerations of config.h, without "CFG_"; BLOCK_BYTES is the size of a whole block.
CFG: Final[dict[str, int]]

class Finding(NamedTuple):
    """What is wrong with a block."""

    fault: str
    field: str
    partition: int | None
    other: int | None
    first: int
    last: int
    text: str

def check(block: Buffer) -> list[Finding]:
    """All that is wrong with a configuration block; nothing means that it may be used."""
