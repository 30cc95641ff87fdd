"""Deciding a batch of orders at the head of a book, each against its own case's state."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from ledger.application.orders import Order, Outcome, Receipt
from ledger.domain.case import Case
from ledger.domain.decisions import decide, names_claimed
from ledger.domain.refusals import Refusal
from ledger.domain.rules import Rules
from ledger.log.append import Append
from ledger.log.codec import UndecodableEvent
from ledger.log.entries import StoredCommand, Write
from ledger.log.mapper import EventMapper


class Batch:
    """The orders of one transaction. A refused or failed order harms no other."""

    def __init__(self, append: Append, mapper: EventMapper, rules: Rules, today: date) -> None:
        self._append = append
        self._mapper = mapper
        self._rules = rules
        self._today = today
        self._cases: dict[UUID, Case] = {}
        self._unreadable: dict[UUID, UndecodableEvent] = {}
        self._done: dict[UUID, StoredCommand] = {}
        self._taken: dict[tuple[str, str], UUID] = {}

    def carry_out(self, orders: Sequence[Order]) -> list[Outcome | Exception]:
        """An outcome for each order; an exception where deciding it went wrong."""
        self._read(orders)
        orders_of = Counter(order.case for order in orders)
        outcomes: list[Outcome | Exception] = []
        for order in orders:
            try:
                outcomes.append(self._one(order, follow=orders_of[order.case] > 1))
            except Exception as error:  # noqa: BLE001  (its batch mates must not suffer)
                outcomes.append(error)
        return outcomes

    def _read(self, orders: Sequence[Order]) -> None:
        self._done = self._append.commands([order.command_id for order in orders])
        fresh = [order for order in orders if order.command_id not in self._done]
        if not fresh:
            return
        recorded = self._mapper.recorded
        for id, entries in self._append.streams(list({order.case for order in fresh})).items():
            try:
                self._cases[id] = Case.fold(id, map(recorded, entries))
            except UndecodableEvent as error:
                self._unreadable[id] = error
        names = {name for order in fresh for name in names_claimed(order.command)}
        if names:
            self._taken = self._append.names(names)

    def _one(self, order: Order, *, follow: bool) -> Outcome:
        content = order.content_hash()
        done = self._done.get(order.command_id)
        if done is not None:
            if done.content_hash != content:
                return Refusal("command_id_reused", {"command_id": str(order.command_id)})
            return _receipt(order, done.first_position, done.last_position, repeated=True)
        if order.case in self._unreadable:
            raise self._unreadable[order.case]
        case = self._cases.get(order.case) or Case(order.case)
        expected = order.expected_version
        if expected is not None and expected != case.version:
            return Refusal("version_conflict", {"expected": expected, "actual": case.version})
        decision = decide(case, order.command, self._rules, self._today)
        if isinstance(decision, Refusal):
            return decision
        names = names_claimed(order.command)
        for kind, name in names:
            if (kind, name) in self._taken:
                other = str(self._taken[kind, name])
                return Refusal("name_taken", {"kind": kind, "name": name, "case": other})
        entries = self._mapper.new_entries(order.case, case.version, decision)
        first, last = self._append.add(
            Write(order.command_id, content, order.actor, order.channel, order.case, entries, names)
        )
        self._done[order.command_id] = StoredCommand(content, order.case, first, last)
        self._taken |= dict.fromkeys(names, order.case)
        if follow:
            for event in decision:
                case.apply(event)
            case.version += len(decision)
            self._cases[order.case] = case
        return _receipt(order, first, last, repeated=False)


def _receipt(order: Order, first: int, last: int, *, repeated: bool) -> Receipt:
    return Receipt(
        command_id=order.command_id,
        case=order.case,
        first_position=first,
        last_position=last,
        repeated=repeated,
    )
