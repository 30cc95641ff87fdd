"""A book's log for monitors, mirrors and auditors: C2SP tlog-tiles below ``…/log``.

What is served is what the newest checkpoint covers; nothing of it ever changes.
"""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Response

from api.books import InBook
from api.cases import ENTRY_PROBLEMS
from api.problems import Rejected, responses
from ledger.application.ledger import Ledger
from ledger.log.merkle import TILE_WIDTH
from ledger.proof.checkpoints import latest
from ledger.proof.log_check import stored_leaf
from ledger.proof.notes import Checkpoint
from ledger.proof.tiles import MEDIA_TYPE, TilePlace, bundle, tile_width
from ledger.proof.tree import BookTree

router = APIRouter(prefix="/v1/books/{book}/log", tags=["log"])

_TILE_PROBLEMS: Final = responses(*ENTRY_PROBLEMS, "no_such_tile")
FOR_EVER: Final = {"Cache-Control": "private, max-age=31536000, immutable"}
LEVELS_MAX: Final = 8

_BYTES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {MEDIA_TYPE: {"schema": {"type": "string", "contentMediaType": MEDIA_TYPE}}}}
}
_TEXT: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}}
}

Tile = Annotated[str, Path(description="Such as x001/x234/067 or 000.p/15.", max_length=60)]


@router.get(
    "/checkpoint", operation_id="log.checkpoint", response_class=Response,
    responses=responses(*ENTRY_PROBLEMS, "no_checkpoint") | _TEXT,
)  # fmt: skip
def checkpoint(view: InBook) -> Response:
    """The newest checkpoint: a signed note."""
    ledger = view.ledger
    with ledger.engine.connect() as connection:
        note = latest(connection, ledger.book)
    if note is None:
        raise Rejected("no_checkpoint")
    headers = {"Cache-Control": "no-cache"}
    return Response(str(note), 200, headers, "text/plain; charset=utf-8")


@router.get(
    "/tile/entries/{tile:path}", operation_id="log.entries", response_class=Response,
    responses=_TILE_PROBLEMS | _BYTES,
)  # fmt: skip
def entries(view: InBook, tile: Tile) -> Response:
    """A bundle of up to 256 leaves, each with its length before it."""
    ledger = view.ledger
    place = _place(ledger, 0, tile)
    after = place.number * TILE_WIDTH
    stored = ledger.recorder.read_log(after, place.width)
    leaves = [stored_leaf(ledger.book, entry) for entry in stored]
    return Response(bundle(leaves), 200, FOR_EVER, MEDIA_TYPE)


@router.get(
    "/tile/{level}/{tile:path}", operation_id="log.tile", response_class=Response,
    responses=_TILE_PROBLEMS | _BYTES,
)  # fmt: skip
def tile(view: InBook, level: Annotated[int, Path(ge=0, lt=LEVELS_MAX)], tile: Tile) -> Response:
    """Up to 256 hashes of a level of the tree."""
    ledger = view.ledger
    place = _place(ledger, level, tile)
    with ledger.engine.connect() as connection:
        hashes = BookTree(connection, ledger.book).tile(level, place.number, place.width)
    return Response(hashes, 200, FOR_EVER, MEDIA_TYPE)


def _place(ledger: Ledger, level: int, path: str) -> TilePlace:
    """The tile that a path names, which the newest checkpoint must cover."""
    try:
        place = TilePlace.parse(path)
    except ValueError as error:
        raise Rejected("no_such_tile", why=str(error)) from error
    with ledger.engine.connect() as connection:
        note = latest(connection, ledger.book)
    size = 0 if note is None else Checkpoint.parse(note.text).size
    if place.width > tile_width(level, place.number, size):
        raise Rejected("no_such_tile", why=f"the newest checkpoint covers {size} entries")
    return place
