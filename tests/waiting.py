"""Waiting for what another thread, process or server does; never for longer than is bearable."""

from collections.abc import Callable
from time import monotonic, sleep
from typing import Final

from sqlalchemy import Engine, text

PATIENCE_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.01

_WAITING_FOR_A_LOCK: Final = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


def eventually(check: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    """Return when the check is true; fail when that takes too long."""
    deadline = monotonic() + seconds
    while not check():
        assert monotonic() < deadline, "what the test waits for does not come about"
        sleep(_POLL_SECONDS)


def waiting_for_locks(owner_engine: Engine) -> int:
    """How many sessions of the database wait for another one's lock."""
    with owner_engine.connect() as connection:
        found: int = connection.execute(_WAITING_FOR_A_LOCK).scalar_one()
        return found
