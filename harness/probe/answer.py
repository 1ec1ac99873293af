"""From an answer to a result: what each kind of answer is made of, and what `fault` and `bad` mean."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from harness.errors import HarnessError, Misbehaved
from harness.probe.record import Cost, Fault, Hello, MemoryRange, Ran, Record

T = TypeVar("T")
Values = tuple[str, ...]


@dataclass(frozen=True)
class Reply:
    """An answer as it came."""

    status: str
    """"ok", "fault" or "bad\""""
    values: Values
    question: str = ""
    """who was asked what, for messages"""

    def number(self, index: int = 0) -> int:
        """Return a value as a number."""
        return self.read(lambda values: int(values[index], 16))

    def numbers(self) -> tuple[int, ...]:
        """Return all values as numbers."""
        return self.read(_numbers)

    def read(self, reader: Callable[[Values], T]) -> T:
        """Return what a reader makes of the values.

        Raises:
          HarnessError: the values have not the form that the protocol wants.
        """
        try:
            return reader(self.values)
        except (ValueError, TypeError, IndexError) as error:
            raise HarnessError(
                f"{self.question} was answered by `{' '.join((self.status, *self.values))}`",
                why=f"the protocol wants another form: {error}",
                todo="compare the probe with targets/probe/PROTOCOL.md",
            ) from None


def raw(reply: Reply) -> Reply:
    """For questions whose asker looks at the reply as it is."""
    return reply


def only(reader: Callable[[Values], T]) -> Callable[[Reply], T]:
    """For questions that a machine in order answers without an exception.

    The returned function raises:
      Misbehaved: the machine raised an exception.
      HarnessError: the probe says that the question makes no sense.
    """

    def read(reply: Reply) -> T:
        result = or_fault(reader)(reply)
        if isinstance(result, Fault):
            raise Misbehaved(
                f"{reply.question} raised exception {result.record.vector}", why=str(result.record)
            )
        return result

    return read


def or_fault(reader: Callable[[Values], T]) -> Callable[[Reply], T | Fault]:
    """For questions to which an exception is an answer. `bad` raises as in `only`."""

    def read(reply: Reply) -> T | Fault:
        if reply.status == "fault":
            return Fault(reply.read(record))
        if reply.status != "ok":
            raise HarnessError(
                f"{reply.question} was refused: {' '.join((reply.status, *reply.values))}",
                why="the probe did nothing: the request makes no sense to it, or, where it is denied, its"
                " operating system does not let it",
                todo="compare the request with targets/probe/PROTOCOL.md",
            )
        return reply.read(reader)

    return read


def numbers(kind: Callable[..., T]) -> Callable[[Values], T]:
    """Values that are all numbers, one for each field of a record."""
    return lambda values: kind(*_numbers(values))


record = numbers(Record)


def nothing(values: Values) -> None:
    () = values


def number(values: Values) -> int:
    (value,) = values
    return int(value, 16)


def octets(values: Values) -> bytes:
    (value,) = values
    if not value.startswith("x"):
        raise ValueError("a byte string begins with x")
    return bytes.fromhex(value[1:])


def hello(values: Values) -> Hello:
    version, start, *place = values
    return Hello(int(version, 16), start, *_numbers(place))


def memory_map(values: Values) -> list[MemoryRange]:
    entries = zip(*[iter(_numbers(values))] * 3, strict=True)
    return [MemoryRange(*entry) for entry in entries]


def ran(values: Values) -> Ran:
    status, output = values
    return Ran(int(status, 16), octets((output,)))


def two_records(values: Values) -> tuple[Record, Record]:
    half = len(values) // 2
    return record(values[:half]), record(values[half:])


def counted_record(kind: Callable[[int, Record], T]) -> Callable[[Values], T]:
    return lambda values: kind(int(values[0], 16), record(values[1:]))


def cost_of(runs: int) -> Callable[[Values], Cost]:
    return numbers(lambda ticks, empty: Cost(ticks, empty, runs))


def _numbers(values: list[str] | Values) -> tuple[int, ...]:
    return tuple(int(value, 16) for value in values)
