"""One HTTP POST to another party: a witness, or a timestamp authority."""

from http.client import HTTPConnection, HTTPSConnection
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from ledger.log.errors import LogError

PATIENCE_SECONDS: Final = 10.0
ANSWER_BYTES_MAX: Final = 64 * 1024


class Answer(NamedTuple):
    """What came back; ``body`` is cut off where it is longer than any that is of use."""

    status: int
    media_type: str
    body: bytes

    @property
    def text(self) -> str:
        """The body, as much of it as is text."""
        return self.body.decode("utf-8", "replace")


def check_address(url: str) -> str:
    """The address. Raises ``LogError`` if it is none."""
    try:
        parts = urlsplit(url)
        if parts.scheme in {"http", "https"} and parts.hostname and " " not in url:
            return url
    except ValueError:
        pass
    raise LogError(f"{url!r} is no address; it begins with https://")


def post(url: str, body: bytes, media_type: str) -> Answer:
    """Raises ``OSError`` and ``HTTPException`` if there is no answer."""
    parts = urlsplit(check_address(url))
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=PATIENCE_SECONDS)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, {"Content-Type": media_type})
        response = connection.getresponse()
        found = response.headers.get("Content-Type", "")
        return Answer(response.status, found, response.read(ANSWER_BYTES_MAX))
    finally:
        connection.close()
