"""Options that several commands share."""

from datetime import date, datetime
from typing import Annotated

import typer

Book = Annotated[
    str | None,
    typer.Option("--book", help="The book; may be left out if there is only one.", metavar="BOOK"),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]
KnownAt = Annotated[
    str | None,
    typer.Option(
        help="As it was known at a position of the log, or at an instant such as"
        " 2026-05-04T12:00:00Z.",
        metavar="POSITION|INSTANT",
    ),
]
EffectiveOn = Annotated[
    str | None,
    typer.Option(help="As it is in effect on a date such as 2026-05-04.", metavar="DATE"),
]


def parse_known_at(text: str | None) -> int | datetime | None:
    """A position or an instant with its offset."""
    if text is None:
        return None
    try:
        if text.isdecimal() and text.isascii():
            return int(text)
        instant = datetime.fromisoformat(text)
    except ValueError:  # also of more digits than Python will read
        instant = None
    if instant is None or instant.tzinfo is None:
        raise typer.BadParameter(
            f"{text!r} is neither a position nor an instant such as 2026-05-04T12:00:00Z",
            param_hint="--known-at",
        )
    return instant


def parse_date(text: str | None, option: str) -> date | None:
    """A plain date."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is no date such as 2026-05-04"
        raise typer.BadParameter(message, param_hint=option) from None
