"""What the command prints: data on stdout, everything else on stderr."""

import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

import msgspec
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

UNBROKEN_COLUMNS: Final = 1_000
"""Width of what is not printed on a terminal: a table's row is one line for whoever reads it."""

# What we print comes from files and callers: "[/b]" and ":no:" in it are text and not markup.
out: Final = Console(
    soft_wrap=True,
    highlight=False,
    markup=False,
    emoji=False,
    width=None if sys.stdout is not None and sys.stdout.isatty() else UNBROKEN_COLUMNS,
)
err: Final = Console(stderr=True, soft_wrap=True, highlight=False, markup=False, emoji=False)


class _Open(io.FileIO):
    """A standard stream that its reader may close: whoever has read enough stops no work."""

    lost = False
    """Any other failure, such as a full disk, is raised once and not again on leaving."""

    def write(self, data: "ReadableBuffer", /) -> int:
        if not self.lost:
            try:
                return super().write(data)
            except OSError as error:
                self.lost = True
                if not isinstance(error, BrokenPipeError):
                    raise
        return memoryview(data).nbytes


def secure_streams() -> None:
    """Let no closed pipe, closed stream or narrow encoding get in the way of what is printed."""
    sys.stdout, sys.stderr = _secured(sys.stdout), _secured(sys.stderr)


def _secured(stream: TextIO | None) -> TextIO:
    if stream is None:  # it was closed before we were started
        return Path(os.devnull).open("w", encoding="utf-8")
    return io.TextIOWrapper(
        io.BufferedWriter(_Open(stream.fileno(), "w", closefd=False)),
        encoding=stream.encoding,
        errors="backslashreplace",
        line_buffering=stream.isatty() or stream is sys.stderr,
    )


def print_json(data: Any) -> None:
    """One JSON document on stdout, whatever the terminal."""
    readable = sys.stdout.encoding.lower().startswith("utf")
    json.dump(data, sys.stdout, ensure_ascii=not readable, indent=2, default=_plain)
    sys.stdout.write("\n")
    sys.stdout.flush()


def _plain(value: Any) -> Any:
    """Dates, instants and ids as our other documents have them."""
    return msgspec.to_builtins(value, enc_hook=str)


def say(message: str) -> None:
    """A message for people."""
    err.print(message)


@contextmanager
def progress_bar(label: str, *, counts: bool = True) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, nothing elsewhere. Yields a function of (done, total)."""
    if not err.is_terminal:
        yield lambda done, total: None
        return
    columns = [TextColumn("{task.description}"), BarColumn(), TaskProgressColumn()]
    if counts:
        columns.append(MofNCompleteColumn())
    columns.append(TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task(label, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
