"""The log for integrators: by pages, or as a stream of server-sent events."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from threading import Event
from time import monotonic
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, Field

from api.access import clinic_asked_for
from api.answers import Entry, EventName
from api.bodies import ONE_LINE
from api.books import InBook
from api.cases import ENTRY_PROBLEMS, ok
from api.positions import AT_POSITION, POSITION, MinPosition, log_has_reached
from api.problems import Rejected, responses
from ledger.feed.envelope import SPEC_VERSION, cloud_event
from ledger.feed.pages import LARGEST_PAGE, Page, page

router = APIRouter(prefix="/v1/books/{book}/feed", tags=["feed"])

POLL_SECONDS: Final = 0.2
"""How soon a stream shows a new entry."""
STREAM_PAGE: Final = 200
STREAM_SECONDS: Final = 900.0
"""Then the client comes again, and shows anew who it is: its token may have ended meanwhile."""
MOST_STREAMS: Final = 200
"""Of this server at once: each asks the database five times a second."""


class CloudEvent(BaseModel):
    """An entry of the log (CloudEvents 1.0, JSON format)."""

    specversion: Literal["1.0"] = SPEC_VERSION
    id: str = Field(description="The position, as text.")
    source: str
    type: str
    subject: str
    time: datetime
    datacontenttype: Literal["application/json"]
    sequence: str = Field(description="The position with leading zeros: sorts as text.")
    data: Entry


class FeedPage(BaseModel):
    """Entries in order of position, and where to go on."""

    events: list[CloudEvent]
    next: int = Field(description="Ask for what comes after this position next.")
    head: int = Field(description="Where the log ended when this was read.")


class Wanted:
    """Which entries are asked for."""

    def __init__(
        self,
        view: InBook,
        type: Annotated[
            list[EventName],  # type: ignore[valid-type]
            Query(description="Events of these names only.", max_length=50),
        ] = [],  # noqa: B006  (FastAPI copies it)
        clinic: Annotated[
            str | None,
            Query(
                description="Of this clinic's cases only.",
                min_length=1,
                max_length=100,
                pattern=ONE_LINE,
            ),
        ] = None,
    ) -> None:
        self.view = view
        self.types = type
        self.clinic = clinic_asked_for(view.caller, clinic)
        self.nothing = clinic is not None and clinic != self.clinic
        """A clinic that asks for another's gets what there is of it for him: nothing."""

    def read(self, after: int, limit: int) -> Page:
        """A page of them."""
        if self.nothing:
            head = self.view.ledger.recorder.head().position
            return Page([], max(after, head), head)
        return page(
            self.view.ledger, after=after, limit=limit, types=self.types, clinic=self.clinic
        )

    def rendered(self, found: Page) -> list[CloudEvent]:
        """The entries of a page in their envelopes."""
        currency = self.view.ledger.recorder.currency()
        return [
            CloudEvent.model_validate(cloud_event(entry, self.view.book, currency))
            for entry in found.entries
        ]


@router.get(
    "",
    operation_id="feed.page",
    responses={
        **ok("A page of the log.", AT_POSITION),
        **responses(*ENTRY_PROBLEMS, "position_not_reached"),
    },
)
def read_page(
    response: Response,
    wanted: Annotated[Wanted, Depends()],
    after: Annotated[int, Query(ge=0, le=2**62, description="The position to go on from.")] = 0,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 100,
    min_position: MinPosition = None,
) -> FeedPage:
    """The log after a position. Go on from ``next``; at ``head``, ask again after a while."""
    log_has_reached(wanted.view, min_position, response)
    found = wanted.read(after, limit)
    response.headers[POSITION] = str(found.next)
    return FeedPage(events=wanted.rendered(found), next=found.next, head=found.head)


class Streams:
    """The streams of this server: how many there are, and whether they are to end."""

    def __init__(self) -> None:
        self.ending = Event()
        self.open = 0


def _from_where(
    wanted: Annotated[Wanted, Depends()],
    request: Request,
    after: Annotated[int, Query(ge=0, le=2**62, description="The position to go on from.")] = 0,
    last_event_id: Annotated[
        str | None,
        Header(
            alias="Last-Event-ID",
            pattern=r"^[0-9]{1,18}$",
            description="The id of the last event that was received: goes before ``after``.",
        ),
    ] = None,
) -> tuple[Wanted, int]:
    """Dependency: what may be refused before the stream begins."""
    streams: Streams = request.app.state.streams
    if streams.open >= MOST_STREAMS:
        raise Rejected("too_many_streams", headers={"Retry-After": "30"})
    return wanted, after if last_event_id is None else int(last_event_id)


@router.get(
    "/stream",
    operation_id="feed.stream",
    response_class=EventSourceResponse,
    responses=responses(*ENTRY_PROBLEMS, "too_many_streams"),
)
async def stream(
    request: Request, begin: Annotated[tuple[Wanted, int], Depends(_from_where)]
) -> AsyncIterator[ServerSentEvent]:
    """The log after a position, and what is recorded from then on, as it comes.

    Each event's id is its position: a client that connects again with Last-Event-ID goes on
    where it was. Nothing is left out and nothing comes twice.
    """
    streams: Streams = request.app.state.streams
    wanted, after = begin
    streams.open += 1
    until = monotonic() + STREAM_SECONDS
    try:
        while not streams.ending.is_set() and monotonic() < until:
            found: Page = await run_in_threadpool(wanted.read, after, STREAM_PAGE)
            for event in await run_in_threadpool(wanted.rendered, found):
                yield _sent(event)
            passed, after = found.next > after and not found.entries, found.next
            if passed:
                # Nothing passed the filter: a client that comes again need not look there again.
                yield ServerSentEvent(id=str(after), comment="nothing here")
            if after >= found.head:
                await asyncio.sleep(POLL_SECONDS)
    finally:
        streams.open -= 1


def _sent(event: CloudEvent) -> ServerSentEvent:
    return ServerSentEvent(id=event.id, event=event.type, data=event)
