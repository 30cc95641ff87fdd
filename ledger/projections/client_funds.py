"""Which money on the client account belongs to which clinic, out of which case, and since when?"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text

from ledger.domain.events import CaseOpened, ClientFundsRemitted
from ledger.domain.recorded import Recorded
from ledger.domain.remittance import FUNDS_EVENTS, NOTHING, PAY_OUT_WITHIN, moved, share_of
from ledger.projections import generations
from ledger.projections.histories import History
from ledger.projections.projection import CaseRows, Row, StreamProjection, copy_lines, escaped


class Held(NamedTuple):
    """Client funds of one case, in minor units; below zero, what has to be deducted."""

    clinic: str
    case: UUID
    reference: str
    principal: int
    interest: int
    costs: int
    retained: int
    """Our remuneration, as long as it is in the client account."""
    received_on: date | None
    """The day on which the oldest money for the clinic came that is still there."""

    @property
    def creditors(self) -> int:
        """What of it belongs to the clinic."""
        return self.principal + self.interest + self.costs

    @property
    def pay_out_by(self) -> date | None:
        """The last day on which it has to be paid out."""
        return self.received_on and self.received_on + PAY_OUT_WITHIN


class ClientFunds(StreamProjection):
    """A row for each entry that adds to or takes from the client funds of a case."""

    name = "client_funds"
    version = 1
    tables: ClassVar[Mapping[str, str]] = {
        "client_funds": """
            book text COLLATE "C" NOT NULL,
            clinic text COLLATE "C" NOT NULL,
            stream uuid NOT NULL,
            position bigint NOT NULL,
            reference text NOT NULL,
            value_date date NOT NULL,
            principal bigint NOT NULL,
            interest bigint NOT NULL,
            costs bigint NOT NULL,
            retained bigint NOT NULL,
            paid_out boolean NOT NULL,
            PRIMARY KEY (book, clinic, stream, position)
        """
    }

    def write(
        self,
        cursor: Any,
        table: Mapping[str, str],
        book: str,
        histories: Sequence[History],
        until: int,
    ) -> None:
        """Write down what each entry moves: on a case, or out of the cases of a remittance."""
        rows: list[str] = []
        for history in histories:
            opened = history.entries[0].event
            for entry in history.new:
                event = entry.event
                if isinstance(event, ClientFundsRemitted):
                    clinic = event.clinic
                    moves = [
                        (line.case, line.reference, NOTHING.plus(share_of(line), -1), "t")
                        for line in event.lines
                    ]
                elif isinstance(event, FUNDS_EVENTS) and isinstance(opened, CaseOpened):
                    clinic, share = opened.creditor, moved(event)
                    if share == NOTHING:
                        continue
                    moves = [(history.stream, opened.reference, share, "f")]
                else:
                    continue
                for case, reference, share, paid_out in moves:
                    amounts = "\t".join(map(str, share))
                    rows.append(
                        f"{book}\t{escaped(clinic)}\t{case}\t{entry.position}\t"
                        f"{escaped(reference)}\t{event.value_date}\t{amounts}\t{paid_out}\n"
                    )
        columns = (
            "book, clinic, stream, position, reference, value_date, principal, interest, costs,"
            " retained, paid_out"
        )
        if rows:
            copy_lines(cursor, table["client_funds"], columns, rows)


PAID_OUT_COLUMNS: Final = (
    "position, stream::text, clinic, reference, value_date::text, principal, interest, costs,"
    " retained"
)


def expected_paid_out(entry: Recorded) -> list[tuple[Any, ...]]:
    """The rows that a remittance should have, by case: for verification."""
    event = entry.event
    if not isinstance(event, ClientFundsRemitted):
        return []
    day = event.value_date.isoformat()
    return sorted(
        (
            entry.position,
            line.case,
            event.clinic,
            line.reference,
            day,
            *NOTHING.plus(share_of(line), -1),
        )
        for line in event.lines
    )


def _expected(history: History) -> list[Row]:
    opened = history.entries[0].event
    if not isinstance(opened, CaseOpened):
        return []
    return [
        (
            entry.position,
            opened.creditor,
            opened.reference,
            entry.event.value_date.isoformat(),
            *share,
        )
        for entry in history.entries
        if isinstance(entry.event, FUNDS_EVENTS) and (share := moved(entry.event)) != NOTHING
    ]


CASE_ROWS: Final = CaseRows(
    "client_funds",
    "client_funds",
    "position, clinic, reference, value_date::text, principal, interest, costs, retained",
    _expected,
    only="NOT paid_out",
)


def cases_held(connection: Connection, book: str, clinic: str) -> tuple[int, list[UUID]]:
    """Up to which position the read model holds the log, and the cases of a clinic for which
    money is held there or has to be deducted. Nothing at position 0 while there is none.
    """
    generation = generations.live(connection).get(ClientFunds.name)
    if generation is None:
        return 0, []
    position = connection.execute(
        text("SELECT position FROM ledger.tracking WHERE book = :book AND consumer = :consumer"),
        {"book": book, "consumer": generation.consumer},
    ).scalar_one_or_none()
    streams = connection.execute(
        text(
            "SELECT stream FROM projections.client_funds"
            " WHERE book = :book AND clinic = :clinic GROUP BY stream"
            " HAVING sum(principal) <> 0 OR sum(interest) <> 0 OR sum(costs) <> 0"
            " OR sum(retained) <> 0 ORDER BY stream"
        ),
        {"book": book, "clinic": clinic},
    )
    return position or 0, list(streams.scalars())


def held(
    connection: Connection, book: str, *, until: date = date.max, clinic: str | None = None
) -> list[Held]:
    """The client funds at the end of a day, by clinic and case; what comes to nothing is left out.

    ``received_on`` is that of the first payment after which there was never again as little as
    has been paid out.
    """
    rows = connection.execute(
        text(
            """
            WITH moves AS (
                SELECT *, principal + interest + costs AS creditors
                FROM projections.client_funds
                WHERE book = :book AND value_date <= :until
                  AND (CAST(:clinic AS text) IS NULL OR clinic = :clinic)
            ), running AS (
                SELECT clinic, stream, position, value_date, paid_out,
                       sum(creditors) FILTER (WHERE NOT paid_out) OVER (
                           PARTITION BY clinic, stream ORDER BY position)
                       + coalesce(sum(creditors) FILTER (WHERE paid_out) OVER (
                           PARTITION BY clinic, stream), 0) AS left_over
                FROM moves
            ), since AS (
                SELECT clinic, stream,
                       coalesce(max(position) FILTER (WHERE left_over <= 0), 0) AS position
                FROM running GROUP BY clinic, stream
            ), first AS (
                SELECT DISTINCT ON (clinic, stream) clinic, stream, running.value_date
                FROM running JOIN since USING (clinic, stream)
                WHERE running.position > since.position AND NOT paid_out
                ORDER BY clinic, stream, running.position
            )
            SELECT moves.clinic, moves.stream, max(moves.reference), sum(moves.principal)::bigint,
                   sum(moves.interest)::bigint, sum(moves.costs)::bigint,
                   sum(moves.retained)::bigint, max(first.value_date)
            FROM moves LEFT JOIN first USING (clinic, stream)
            GROUP BY moves.clinic, moves.stream
            HAVING sum(moves.principal) <> 0 OR sum(moves.interest) <> 0
                OR sum(moves.costs) <> 0 OR sum(moves.retained) <> 0
            ORDER BY moves.clinic, max(moves.reference), moves.stream
            """
        ),
        {"book": book, "until": until, "clinic": clinic},
    )
    return [Held._make(row) for row in rows]


def overdue(rows: Iterable[Held], today: date) -> list[Held]:
    """What should have been paid out already."""
    return [row for row in rows if row.pay_out_by is not None and row.pay_out_by < today]
