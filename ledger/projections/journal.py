"""Which postings has each event made, and what do all accounts of the book come to?"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy import Connection, text

from ledger.projections.projection import BY_STREAM, NULL, Posted, Projection, copy_lines, escaped


class Journal(Projection):
    """A row for each posting, and a running total for each account of the book."""

    name = "journal"
    version = 2
    tables: ClassVar[Mapping[str, str]] = {
        "journal": """
            book text COLLATE "C" NOT NULL,
            position bigint NOT NULL,
            line smallint NOT NULL,
            stream uuid NOT NULL,
            value_date date NOT NULL,
            account text COLLATE "C" NOT NULL,
            claim text,
            amount bigint NOT NULL,
            PRIMARY KEY (book, position, line)
        """,
        "account_totals": """
            book text COLLATE "C" NOT NULL,
            account text COLLATE "C" NOT NULL,
            amount numeric(30, 0) NOT NULL,
            PRIMARY KEY (book, account)
        """,
    }

    clinic: ClassVar[Mapping[str, str]] = {"journal": BY_STREAM}

    def apply(
        self,
        cursor: Any,
        table: Mapping[str, str],
        book: str,
        currency: str,
        entries: Sequence[Posted],
    ) -> None:
        """Write the postings down, and add them to the totals."""
        rows: list[str] = []
        totals: dict[str, int] = {}
        for entry, postings in entries:
            if not postings:
                continue
            place = f"{entry.stream}\t{entry.event.value_date}"
            for line, (account, amount, claim) in enumerate(postings, start=1):
                of = NULL if claim is None else escaped(claim)
                rows.append(
                    f"{book}\t{entry.position}\t{line}\t{place}\t{account}\t{of}\t{amount}\n"
                )
                totals[account] = totals.get(account, 0) + amount
        if not rows:
            return
        columns = "book, position, line, stream, value_date, account, claim, amount"
        copy_lines(cursor, table["journal"], columns, rows)
        cursor.execute(
            f"INSERT INTO {table['account_totals']} AS kept (book, account, amount)"
            " SELECT %s, * FROM unnest(%s::text[], %s::numeric[])"
            " ON CONFLICT (book, account) DO UPDATE SET amount = kept.amount + excluded.amount",
            (book, list(totals), list(totals.values())),
        )


def trial_balance(connection: Connection, book: str) -> dict[str, int]:
    """What each account comes to, in minor units, debit positive. Sums to zero."""
    rows = connection.execute(
        text(
            "SELECT account, amount FROM projections.account_totals"
            " WHERE book = :book ORDER BY account"
        ),
        {"book": book},
    )
    return {account: int(amount) for account, amount in rows}
