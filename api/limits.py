"""How much a request may hold."""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES: Final = 64 * 1024
"""No request of ours takes a hundredth of it; what is longer is a mistake, and costs memory."""


class BodyLimit:
    """Refuses a longer body while it is being read.

    Starlette has this too, but answers in plain text where the length is announced.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, counting what is read of its body."""
        read_bytes = 0

        async def counted() -> Message:
            nonlocal read_bytes
            message = await receive()
            read_bytes += len(message.get("body", b""))
            if read_bytes > MAX_BODY_BYTES:
                raise HTTPException(413, f"A body may have {MAX_BODY_BYTES:,} bytes at most.")
            return message

        await self._app(scope, counted, send)
