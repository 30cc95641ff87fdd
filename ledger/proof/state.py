"""Small files that must outlive a power cut: written whole or not at all, by one at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

LINE_BYTES_MAX: Final = 256 * 1024
"""More than the longest line that is ever appended: a note as JSON."""


def write_durably(path: Path, data: str) -> None:
    """Replace a file's contents. When this returns, the disk holds the new ones.

    Whoever is killed in between leaves the old contents (and perhaps a ``.new`` beside them).
    """
    beside = path.with_name(f".{path.name}.{uuid4().hex}.new")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise
    _sync_folder(path.parent)


def append_durably(path: Path, line: str) -> None:
    """Add a line to a file. What a killed writer left of a line is cut off first."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        start = max(0, file.seek(0, os.SEEK_END) - LINE_BYTES_MAX)
        file.seek(start)
        whole_lines = file.read().rfind(b"\n") + 1
        file.seek(start + whole_lines)
        file.write(line.encode() + b"\n")
        file.truncate()
        file.flush()
        os.fsync(file.fileno())
    _sync_folder(path.parent)


def read_lines(path: Path) -> list[str]:
    """The whole lines of a file, without their line feeds; none if there is no file."""
    try:
        whole = path.read_bytes().decode()
    except FileNotFoundError:
        return []
    return whole[: whole.rfind("\n") + 1].split("\n")[:-1]


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One at a time, between threads and programs; a lock ends with whoever held it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _sync_folder(folder: Path) -> None:
    """Make a new name in it durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
