"""What is owed on each case, by component, and what was overpaid?"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import Connection, text

from ledger.domain.accounts import COMPONENT_OF, OVERPAYMENT
from ledger.domain.case import Case
from ledger.domain.recorded import Recorded
from ledger.projections.projection import BY_STREAM, CaseRows, Posted, Projection, Row, copy_lines

OVERPAID: Final = "overpaid"
"""The component under which an overpayment stands: the debtor's money, as a positive amount."""


_COMPONENT: Final[dict[str, str]] = {**COMPONENT_OF, OVERPAYMENT: OVERPAID}


class Balances(Projection):
    """A row for each case and component that ever was owed; amounts may have come to zero."""

    name = "balances"
    version = 2
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

    def apply(
        self,
        cursor: Any,
        table: Mapping[str, str],
        book: str,
        currency: str,
        entries: Sequence[Posted],
    ) -> None:
        """Add up what the entries move, and add that to the rows.

        A case that was opened among these entries has no rows yet, so its rows are copied in:
        a fifth of the cost of looking for each.
        """
        moved: dict[tuple[str, str], int] = {}
        opened: set[str] = set()
        for entry, postings in entries:
            if entry.version == 1:
                opened.add(entry.stream)
            for account, amount, _ in postings:
                component = _COMPONENT.get(account)
                if component is not None:
                    key = (entry.stream, component)
                    moved[key] = moved.get(key, 0) + (-amount if component == OVERPAID else amount)
        copy_lines(
            cursor,
            table["balances"],
            "book, stream, component, amount",
            (
                f"{book}\t{stream}\t{component}\t{amount}\n"
                for (stream, component), amount in moved.items()
                if amount and stream in opened
            ),
        )
        known = {key: amount for key, amount in moved.items() if key[0] not in opened}
        if not known:
            return
        cursor.execute(
            f"INSERT INTO {table['balances']} AS kept (book, stream, component, amount)"
            " SELECT %s, * FROM unnest(%s::uuid[], %s::text[], %s::bigint[])"
            " ON CONFLICT (book, stream, component)"
            " DO UPDATE SET amount = kept.amount + excluded.amount",
            (
                book,
                [stream for stream, _ in known],
                [component for _, component in known],
                list(known.values()),
            ),
        )


def _expected(stream: str, entries: Sequence[Recorded]) -> list[Row]:
    """What a case should have, as folded from its own events; nothing that is zero."""
    case = Case.fold(UUID(stream), entries)
    rows: dict[str, int] = {str(name): amount for name, amount in case.balance.items()}
    if case.overpaid:
        rows[OVERPAID] = case.overpaid
    return sorted(rows.items())


CASE_ROWS: Final = CaseRows(
    "balances", "balances", "component, amount", _expected, only="amount <> 0"
)


def balance_of(connection: Connection, book: str, stream: UUID) -> dict[str, int]:
    """The balance of a case by component, in minor units; nothing that is zero."""
    rows = connection.execute(
        text(
            "SELECT component, amount FROM projections.balances"
            " WHERE book = :book AND stream = :stream AND amount <> 0"
        ),
        {"book": book, "stream": stream},
    )
    return {component: amount for component, amount in rows}
