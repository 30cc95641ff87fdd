"""How `eventsourcing` gets our recorders: by book, on one engine."""

from typing import Any, Final

from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    InfrastructureFactory,
    InfrastructureFactoryError,
    Mapper,
    ProcessRecorder,
    Transcoder,
)
from eventsourcing.utils import Environment
from sqlalchemy import Engine

from ledger.log.mapper import EventMapper, JsonTranscoder
from ledger.log.recorder import BookRecorder
from ledger.log.tracking import Tracker

BOOK: Final = "CASELEDGER_BOOK"


class LogFactory(InfrastructureFactory[Tracker]):
    """Makes the parts of an application that keeps the book named in its environment."""

    def __init__(self, env: Environment, engine: Engine) -> None:
        super().__init__(env)
        self.engine = engine

    def application_recorder(self) -> ApplicationRecorder:
        """The book's recorder."""
        return self._recorder()

    def process_recorder(self) -> ProcessRecorder:
        """The book's recorder, which can also track another's log."""
        return self._recorder()

    def aggregate_recorder(self, purpose: str = "events") -> AggregateRecorder:
        """Streams without positions are nothing that this log can keep."""
        raise InfrastructureFactoryError(f"the log has no table for {purpose!r} of aggregates")

    def tracking_recorder(self, tracking_recorder_class: type[Tracker] | None = None) -> Tracker:
        """The positions of a consumer that has the application's name."""
        return (tracking_recorder_class or Tracker)(self.engine, self.env.name)

    def transcoder(self) -> Transcoder:
        """Plain JSON."""
        return JsonTranscoder()

    def mapper(
        self,
        transcoder: Transcoder | None = None,
        mapper_class: type[Mapper[Any]] | None = None,
    ) -> Mapper[Any]:
        """The mapper of our events."""
        return EventMapper(transcoder or self.transcoder())

    def _recorder(self) -> BookRecorder:
        book = self.env.get(BOOK)
        if not book:
            raise InfrastructureFactoryError(f"{BOOK} is not set: name the book to keep")
        return BookRecorder(self.engine, book)
