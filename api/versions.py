"""Versions of a case as entity tags: ``"v17"``."""

import re
from typing import Annotated, Any, Final

from fastapi import Header

ETAG: Final[dict[str, Any]] = {
    "ETag": {
        "description": "The case's version, for If-Match.",
        "schema": {"type": "string", "pattern": '^"v[0-9]+"$'},
    }
}
"""For the ``headers`` of a response."""

ANY_VERSION: Final = "*"
_FORM: Final = r'^("v(0|[1-9]\d{0,8})"|\*)$'

_DESCRIPTION: Final = (
    'The version of the case that the command rests on, such as "v17": it is refused (412) if the'
    " case has changed since. * stands for any."
)
IfMatch = Annotated[str, Header(alias="If-Match", pattern=_FORM, description=_DESCRIPTION)]
IfMatchOrNot = Annotated[
    str | None, Header(alias="If-Match", pattern=_FORM, description=_DESCRIPTION)
]


def etag(version: int) -> str:
    """The entity tag of a version."""
    return f'"v{version}"'


def expected_version(if_match: str | None) -> int | None:
    """The version that must be the current one, or ``None`` for any."""
    found = re.fullmatch(r'"v(\d+)"', if_match or "")
    return None if found is None else int(found[1])
