"""Cases that were read lately: the next time, only what has come since is read and folded."""

from collections import OrderedDict
from threading import Lock
from typing import Final, NamedTuple
from uuid import UUID

from ledger.domain.case import Case
from ledger.log.mapper import EventMapper
from ledger.log.recorder import BookRecorder

MOST_KEPT: Final = 2_000
"""Cases at most, those read last: a case takes about 5 kB."""


class _Read(NamedTuple):
    case: Case
    position: int
    command_id: str
    """Where the last entry stood, and what it came from: a log that was put back and went another
    way has another one there."""


class LatelyRead:
    """Cases as they are, by their streams. May be asked by many threads."""

    def __init__(self, recorder: BookRecorder, mapper: EventMapper) -> None:
        self._recorder = recorder
        self._mapper = mapper
        self._read: OrderedDict[UUID, _Read] = OrderedDict()
        self._lock = Lock()

    def case(self, stream: UUID) -> tuple[Case | None, int]:
        """The case as it is now, or ``None``, and the position up to which the log says so.

        The case is shared, and not to be changed.
        """
        with self._lock:
            known = self._read.get(stream)
        read = self._recorder.read_stream_and_position
        found, position = read(stream, from_version=known.case.version if known else 1)
        if known is not None:
            if found and (found[0].position, found[0].command_id) == known[1:]:
                del found[0]
            else:
                known = None
                found, position = read(stream)
        if known is not None and not found:
            self._keep(stream, known)
            return known.case, position
        if not found:
            return None, position
        case = Case(stream) if known is None else known.case.copy()
        for entry in found:
            case.version = entry.version - 1
            case.apply(self._mapper.recorded(entry).event)
        self._keep(stream, _Read(case, found[-1].position, found[-1].command_id))
        return case, position

    def _keep(self, stream: UUID, read: _Read) -> None:
        with self._lock:
            self._read[stream] = read
            self._read.move_to_end(stream)
            if len(self._read) > MOST_KEPT:
                self._read.popitem(last=False)
