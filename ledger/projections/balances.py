"""What is owed on each case, by component, and what was overpaid?"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import Connection, text

from ledger.projections.histories import History
from ledger.projections.projection import (
    BY_STREAM,
    CaseRows,
    Row,
    StreamProjection,
    copy_lines,
    forget,
)

OVERPAID: Final = "overpaid"
"""The component under which an overpayment stands: the debtor's money, as a positive amount."""


class Balances(StreamProjection):
    """A row for each case and component that is owed; nothing that is zero."""

    name = "balances"
    version = 3
    tables: ClassVar[Mapping[str, str]] = {
        "balances": """
            book text COLLATE "C" NOT NULL,
            stream uuid NOT NULL,
            component text COLLATE "C" NOT NULL,
            amount bigint NOT NULL,
            PRIMARY KEY (book, stream, component)
        """
    }

    clinic: ClassVar[Mapping[str, str]] = {"balances": BY_STREAM}

    def write(
        self,
        cursor: Any,
        table: Mapping[str, str],
        book: str,
        histories: Sequence[History],
        until: int,
    ) -> None:
        """Write what is owed on each case now, in place of what was."""
        stale = [history.stream for history in histories if not history.begins_here]
        forget(cursor, table["balances"], book, stale)
        copy_lines(
            cursor,
            table["balances"],
            "book, stream, component, amount",
            (
                f"{book}\t{history.stream}\t{component}\t{amount}\n"
                for history in histories
                for component, amount in rows_of(history)
            ),
        )


def rows_of(history: History) -> list[Row]:
    """Component and amount of each row that a stream should have; what is no case has none."""
    case = history.case
    if case is None:
        return []
    rows: list[Row] = list(case.balance.items())
    if case.overpaid:
        rows.append((OVERPAID, case.overpaid))
    return sorted(rows)


CASE_ROWS: Final = CaseRows("balances", "balances", "component, amount", rows_of)


def balance_of(connection: Connection, book: str, stream: UUID) -> dict[str, int]:
    """The balance of a case by component, in minor units; nothing that is zero."""
    rows = connection.execute(
        text(
            "SELECT component, amount FROM projections.balances"
            " WHERE book = :book AND stream = :stream"
        ),
        {"book": book, "stream": stream},
    )
    return {component: amount for component, amount in rows}
