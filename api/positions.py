"""Where in the log an answer stands, and answers that must not be older than a position."""

from typing import Annotated, Any, Final

from fastapi import Header, Response

from api.books import View
from ledger.projections.engine import Behind, Projector

POSITION: Final = "Ledger-Position"
WAIT_SECONDS: Final = 5.0
"""The read models follow within a tenth of a second; what takes longer is told to come again."""

MinPosition = Annotated[
    int | None,
    Header(
        alias="Ledger-Min-Position",
        ge=0,
        le=2**62,
        description="Answer no earlier than when this position can be seen, such as the"
        " Ledger-Position of a command's answer.",
    ),
]
AT_POSITION: Final[dict[str, Any]] = {
    POSITION: {
        "description": "The position of the log up to which the answer holds.",
        "schema": {"type": "integer"},
    }
}
"""For the ``headers`` of a response."""


def log_has_reached(view: View, position: int | None, response: Response) -> None:
    """Say in the answer where the log ends. Raises ``Behind`` for a position that no answer of
    ours can have named yet: what a command recorded can be read at once.
    """
    at = view.ledger.recorder.position()
    if position is not None and at < position:
        raise Behind(f"the log ends at position {at}")
    response.headers[POSITION] = str(at)


def lists_have_reached(view: View, position: int | None, response: Response) -> None:
    """Wait for the read models, and say in the answer how far they are. Raises ``Behind``."""
    projector = Projector(view.books.engine)
    if position is not None:
        log_has_reached(view, position, response)
        projector.wait_for(view.book, position, WAIT_SECONDS)
    response.headers[POSITION] = str(projector.position(view.book))
