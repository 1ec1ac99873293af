"""Files of an image: where they are made, their hashes, and how they are put in place."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.image.document import ROOT

OUT = ROOT / "build"


def digest(data: bytes) -> str:
    """SHA-256, as results and certificates show it."""
    return hashlib.sha256(data).hexdigest()


def sha256(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def put(path: Path, data: bytes) -> None:
    """Puts a file in place as a whole: another worker's machine may be booting from it."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_bytes(data)
    fresh.replace(path)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One maker at a time. The wait is as long as another one takes, and those have their own limits."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
