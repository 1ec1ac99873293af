"""Consoles: a byte stream becomes lines, a log, matches and crashes.

Here lives what can be known of a line of text whoever wrote it. The frames of the probe are understood in
`harness.probe`; where a stream comes from is the business of `harness.machine`.
"""

from harness.console.console import Console
from harness.console.crash import CrashRule
from harness.console.listener import Listener
from harness.console.reader import LineReader
from harness.console.stream import PipeStream, Stream

__all__ = ["Console", "CrashRule", "LineReader", "Listener", "PipeStream", "Stream"]
