"""Linux alone on the machine, booted once in each worker, its answers remembered."""

from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from fixtures.partitions import Partition
from fixtures.standing import Standing
from harness.errors import InfraError, MachineCrash
from harness.image import Manifest

P = ParamSpec("P")
T = TypeVar("T")


class LinuxTwin:
    """Asks Linux on the bare machine."""

    def __init__(self, standing: Standing, image: Manifest) -> None:
        self._standing = standing
        self._image = image
        self._answers: dict[tuple[Any, ...], Any] = {}

    def ask(self, question: Callable[Concatenate[Partition, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Returns what the question, called with the twin and the arguments, returns.

        Raises:
            InfraError: the bare machine died of it. That says nothing of the system under test.
        """
        asked = (question, *args, *sorted(kwargs.items()))
        if asked not in self._answers:
            try:
                twin = self._standing.take(self._image).partitions["bare"]
                self._answers[asked] = question(twin, *args, **kwargs)
            except MachineCrash as error:
                self._standing.drop()
                raise InfraError(
                    f"Linux on the bare machine cannot be asked: {error.what}",
                    why="without its answer it is not known what is right",
                    todo=error.todo,
                ) from error
        answer: T = self._answers[asked]
        return answer
