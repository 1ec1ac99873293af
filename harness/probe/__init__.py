"""Probes: the client of the probe protocol (targets/probe/PROTOCOL.md), from frames up to typed questions.

Here lives how a question reaches a probe and an answer comes back. What an answer means lives in the suites.
"""

from harness.probe.answer import Reply
from harness.probe.client import Probe
from harness.probe.link import LinkStatistics, Pending
from harness.probe.record import (
    Cost,
    Cpuid,
    Fault,
    Hello,
    Lag,
    MemoryRange,
    Ran,
    Record,
    Regs,
    Seen,
    Stray,
    Verified,
    Watch,
)

__all__ = [
    "Cost",
    "Cpuid",
    "Fault",
    "Hello",
    "Lag",
    "LinkStatistics",
    "MemoryRange",
    "Pending",
    "Probe",
    "Ran",
    "Record",
    "Regs",
    "Reply",
    "Seen",
    "Stray",
    "Verified",
    "Watch",
]
