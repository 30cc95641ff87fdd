"""Files that appear whole or not at all."""

import gzip
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO, Final, cast

PACKED: Final = ".gz"


class CannotWrite(Exception):
    """The file can't be written under that name; the message says what to do instead."""


def unpacked_suffix(path: Path) -> str:
    """What the name says that the file holds: ``.jsonl`` of ``log.jsonl`` and ``log.jsonl.gz``."""
    return (path.with_suffix("") if path.suffix == PACKED else path).suffix.lower()


@contextmanager
def whole_file(path: Path, *, replace: bool = False) -> Iterator[BinaryIO]:
    """A new file, gzipped if its name ends in ``.gz``, to be written in the block.

    It is written under another name in the same folder, and takes its own when all of it is on the
    disk; if the block raises, nothing is left, and a file that was to be replaced is as it was.

    Raises ``CannotWrite`` if there is a file of that name that is not to be replaced.
    """
    _check(path, replace)
    part = path.with_name(f".{token_hex(8)}.part")
    try:
        with part.open("xb") as file:
            if path.suffix == PACKED:
                # Without a name and a time, the same content makes the same file.
                with gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0) as packed:
                    yield cast(BinaryIO, packed)
            else:
                yield file
            file.flush()
            os.fsync(file.fileno())
        _check(path, replace)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _check(path: Path, replace: bool) -> None:
    if not path.parent.is_dir():
        raise CannotWrite(f"there is no folder {path.parent}")
    if path.exists() and not path.is_file():
        raise CannotWrite(f"{path} is no ordinary file; name one in a folder")
    if not replace and os.path.lexists(path):
        raise CannotWrite(f"{path} is there already; --force replaces it")
