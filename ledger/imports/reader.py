"""Reads a file of histories in a process of its own, while another records what it read.

Reading XML and recording cases each keep a core busy. The processes are joined by a pipe: it
holds back a reader that is ahead, and ends one whose other end has gone.
"""

from collections import Counter
from collections.abc import Callable, Generator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

import msgspec

from ledger.domain.commands import ImportHistory
from ledger.files.mapping import CaseProblem, Mapping
from ledger.files.xes import Trace, XesError, read_traces
from ledger.processes import CONTEXT, start_child

BATCH_CASES: Final = 1_000
"""Cases that are handed over, and recorded, together."""

Progress = Callable[[int, int], None]
"""Called with bytes of the file done and bytes in all."""


class ReadCase(msgspec.Struct, frozen=True):
    """A case of the file: what it was, for the counts, and what it is to us."""

    name: str
    line: int
    events: int
    activities: dict[str, int]
    history: ImportHistory | CaseProblem


class _Message(msgspec.Struct, frozen=True, kw_only=True):
    cases: list[ReadCase] = []
    bytes_read: int = 0
    bytes_total: int = 0
    error: tuple[str, str, str | None, int | None, str] | None = None
    """Code, file, case, line and message of the `XesError` that ended the reading."""
    ended: bool = False


class ReaderDied(Exception):
    """The reading process ended without a word; run the import again."""


_ERRORS: Final[dict[str, type[XesError]]] = {kind.code: kind for kind in XesError.__subclasses__()}


def read_cases(
    file: Path, mapping: Mapping, progress: Progress | None = None
) -> Generator[list[ReadCase], None, None]:
    """The file's cases in batches, in its order. Raises ``XesError`` like ``read_traces``.

    Batches before a fault in the file are yielded before its error is raised.
    """
    receiver, sender = CONTEXT.Pipe(duplex=False)
    reader = start_child(_read, sender, file, mapping)
    sender.close()
    decode = msgspec.msgpack.Decoder(_Message).decode
    try:
        while True:
            try:
                message = decode(receiver.recv_bytes())
            except EOFError:
                raise ReaderDied("the process that reads the file was ended") from None
            if progress is not None and message.bytes_total:
                progress(message.bytes_read, message.bytes_total)
            if message.cases:
                yield message.cases
            if message.error is not None:
                code, of_file, case, line, what = message.error
                raise _ERRORS[code](of_file, case, line, what)
            if message.ended:
                return
    finally:
        receiver.close()
        reader.join()


def _read(sender: Connection, file: Path, mapping: Mapping) -> None:
    """The reading process. Ends quietly when nobody listens any more."""
    encode = msgspec.msgpack.Encoder().encode
    at = (0, 0)

    def note(done: int, total: int) -> None:
        nonlocal at
        at = (done, total)

    batch: list[ReadCase] = []
    error = None
    try:
        try:
            for trace in read_traces(file, note):
                batch.append(_case(trace, mapping))
                if len(batch) == BATCH_CASES:
                    message = _Message(cases=batch, bytes_read=at[0], bytes_total=at[1])
                    sender.send_bytes(encode(message))
                    batch = []
        except XesError as fault:
            error = (fault.code, fault.file, fault.case, fault.line, fault.message)
        sender.send_bytes(encode(_Message(cases=batch, error=error, ended=True)))
    except BrokenPipeError:
        pass


def _case(trace: Trace, mapping: Mapping) -> ReadCase:
    return ReadCase(
        name=trace.name,
        line=trace.line,
        events=len(trace.events),
        activities=dict(Counter(event.activity for event in trace.events)),
        history=mapping.history(trace),
    )
