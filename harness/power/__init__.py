"""Power and state of a machine, seen and done from outside. One way of reaching it a file."""

from harness.power.state import MachineEvent, MachineState, Run

__all__ = ["MachineEvent", "MachineState", "Run"]
