"""How much a request may hold, and how many may come."""

import math
import os
import time
from typing import Final

from fastapi import Request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Rejected
from ledger.access.callers import Caller

MAX_BODY_BYTES: Final = 64 * 1024
"""No request of ours takes a hundredth of it; what is longer is a mistake, and costs memory."""
MAX_BATCH_BYTES: Final = 1024 * 1024
"""A hundred commands, or the whole history of a case."""

RATE_LIMIT: Final = "CASELEDGER_RATE_LIMIT"
DEFAULT_RATE: Final = "6000/minute"
"""Of one caller. A hundred requests a second is more than a person or a well-behaved machine
sends; what keeps out a flood stands before the server."""
LOOK_RATE_LIMIT: Final = "CASELEDGER_LOOK_RATE_LIMIT"
DEFAULT_LOOK_RATE: Final = "120/minute"
"""Of one caller, at personal data. Nobody answers the phone faster; whoever copies a vault with a
stolen login does."""
FAILED_LOGIN_RATE: Final = "300/minute"
"""Of one address, without a token that is good."""


class BodyLimit:
    """Refuses a longer body while it is being read.

    Starlette has this too, but answers in plain text where the length is announced.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, counting what is read of its body."""
        read_bytes = 0
        long = scope.get("path", "").endswith(("/commands", "/histories"))
        most = MAX_BATCH_BYTES if long else MAX_BODY_BYTES

        async def counted() -> Message:
            nonlocal read_bytes
            message = await receive()
            read_bytes += len(message.get("body", b""))
            if read_bytes > most:
                raise HTTPException(413, f"{most:,}")
            return message

        await self._app(scope, counted, send)


class Rates:
    """Counts requests by caller, in this process."""

    def __init__(self, rate: str | None = None, look_rate: str | None = None) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._of_callers = parse(rate or os.environ.get(RATE_LIMIT) or DEFAULT_RATE)
        looks = look_rate or os.environ.get(LOOK_RATE_LIMIT) or DEFAULT_LOOK_RATE
        self._of_looks = parse(looks)
        self._of_strangers = parse(FAILED_LOGIN_RATE)

    def count(self, caller: Caller) -> None:
        """Count a request of a caller. Raises ``Rejected`` when there were too many."""
        self._hit(self._of_callers, caller.actor)

    def count_look(self, caller: Caller) -> None:
        """Count a look of a caller at personal data. Raises ``Rejected``."""
        self._hit(self._of_looks, f"{caller.actor} looks")

    def count_stranger(self, request: Request) -> None:
        """Count a request that came without a good token."""
        self._hit(self._of_strangers, request.client.host if request.client else "?")

    def _hit(self, limit: RateLimitItem, who: str) -> None:
        if self._limiter.hit(limit, who):
            return
        reset_at, _ = self._limiter.get_window_stats(limit, who)
        wait = max(1, math.ceil(reset_at - time.time()))
        headers = {"Retry-After": str(wait)}
        raise Rejected("too_many_requests", most=str(limit), headers=headers)
