"""Files of an image: their hashes, and how they are put in place."""

import hashlib
import os
from pathlib import Path


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
