"""Row-level security: connections that see one clinic's rows and no others.

The application looks first; this is the second lock on the same door, in the database itself.
"""

from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, event

from ledger.access.callers import Caller
from ledger.log.engine import BEGINS_WITH_A_WORD, connect
from ledger.log.schema import CLINIC_ROLE

_OPTION: Final = "ledger_caller"


def connect_for_clinics(url: str | URL) -> Engine:
    """An engine that sees nothing, until it is told for whom it reads (``seen_by``)."""
    engine = connect(url, role=CLINIC_ROLE)
    event.listen(engine, "begin", _say_for_whom)
    return engine


def seen_by(engine: Engine, caller: Caller) -> Engine:
    """The engine of ``connect_for_clinics``, as this caller sees the database."""
    return engine.execution_options(**{_OPTION: caller, BEGINS_WITH_A_WORD: True})


def _say_for_whom(connection: Connection) -> None:
    """At the beginning of a transaction, and until its end."""
    caller: Any = connection.get_execution_options().get(_OPTION)
    if isinstance(caller, Caller):
        connection.exec_driver_sql(
            "SELECT set_config('ledger.clinic', %s, true), set_config('ledger.books', %s, true)",
            (caller.clinic or "", ",".join(sorted(caller.books))),
        )
