"""Deciding a batch of orders at the head of a book, each against its own streams' state.

Most orders are about one case. A clinic has a stream of its own, and another for what is paid out
to it. A bank receipt may pay a case, and a payment may be taken off a case again: that is then
recorded in both streams at once. What a case was refused is recorded too, in a stream of refusals
beside the case's own.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, Final, NamedTuple, Protocol, Self, TypeVar
from uuid import UUID, uuid5

import msgspec
from sqlalchemy import Connection

from ledger.application.kept import KeptStates
from ledger.application.orders import Order, Outcome, Receipt, Told
from ledger.domain import commands as c
from ledger.domain import receipt as receipts
from ledger.domain.case import Case
from ledger.domain.clinic import CLINIC_COMMANDS, Clinic, decide_clinic
from ledger.domain.decisions import decide, names_claimed
from ledger.domain.events import (
    CaseOpened,
    CommandRefused,
    Event,
    PaymentReceived,
    PaymentReversed,
)
from ledger.domain.identifiers import relation
from ledger.domain.recorded import Recorded
from ledger.domain.refusals import Refusal
from ledger.domain.remittance import FUNDS_EVENTS, Remittances, remit, remittances_of
from ledger.domain.rules import Rules, Setting
from ledger.log.append import Append
from ledger.log.codec import UndecodableEvent
from ledger.log.entries import NewEntry, StoredCommand, Write
from ledger.log.mapper import EventMapper

Names = list[tuple[str, str]]

CasesHeld = Callable[[Connection, str, str], tuple[int, list[UUID]]]
"""Asks a read model, by book and clinic: up to which position it holds the log, and for which cases
money is held there. It may lag; what came after that position is read from the log itself."""


def held_nowhere(connection: Connection, book: str, clinic: str) -> tuple[int, list[UUID]]:
    """Without a read model, the whole log is looked through."""
    return 0, []


class _Folded(Protocol):
    version: int

    @classmethod
    def fold(cls, id: UUID, entries: Iterable[Recorded]) -> Self: ...

    def apply(self, event: Event) -> None: ...


AnyState = TypeVar("AnyState", bound=_Folded)


class Decided(NamedTuple):
    """What an order leads to: events by stream, its own first, and names that belong to it."""

    events: list[tuple[UUID, list[Event]]]
    names: Names


def refusals_of(case: UUID) -> UUID:
    """The stream in which the refusals of a case stand."""
    return uuid5(case, "refusals")


class Batch:
    """The orders of one transaction. A refused or failed order harms no other."""

    def __init__(
        self,
        append: Append,
        mapper: EventMapper,
        rules: Rules,
        today: date,
        cases_held: CasesHeld = held_nowhere,
        kept: KeptStates | None = None,
    ) -> None:
        self._append = append
        self._mapper = mapper
        self._rules = rules
        self._today = today
        self._cases_held = cases_held
        self._kept = kept or KeptStates()
        self._entries: dict[UUID, list[Recorded]] = {}
        self._states: dict[UUID, Any] = {}
        self._unreadable: dict[UUID, UndecodableEvent] = {}
        self._done: dict[UUID, StoredCommand] = {}
        self._owners: dict[tuple[str, str], UUID | None] = {}
        self._relations: dict[str, list[UUID]] = {}
        self._behind: set[UUID] = set()
        """Streams whose state has not followed what this transaction adds to them."""
        self._added: dict[UUID, list[Event]] = {}
        """What this transaction has added to each stream, where somebody will ask."""
        self._rules_with: dict[UUID, Rules] = {}
        """The rules under each clinic's policy, as that is at the moment."""
        self._refused: dict[UUID, list[tuple[str, Event]]] = {}
        """The recorded refusals of a case, each with the command that was refused."""

    def states(self) -> dict[UUID, Any]:
        """The streams' states with all that was added, to be kept once that is durable."""
        return {id: state for id, state in self._states.items() if id not in self._behind}

    def carry_out(self, orders: Sequence[Order]) -> list[Outcome | Exception]:
        """An outcome for each order; an exception where deciding it went wrong."""
        self._kept.follow(self._append)
        self._read(orders)
        orders_of = Counter(order.case for order in orders)
        orders_of.update(o.command.case for o in orders if isinstance(o.command, c.MatchReceipt))
        remits = any(isinstance(order.command, c.Remit) for order in orders)
        outcomes: list[Outcome | Exception] = []
        for order in orders:
            # What nobody else in the batch will ask about need not be followed.
            imported = isinstance(order.command, c.ImportHistory)
            follow = remits or order.tell or not imported or orders_of[order.case] > 1
            try:
                outcomes.append(self._one(order, follow=follow))
            except Exception as error:  # noqa: BLE001  (its batch mates must not suffer)
                self._behind.update(self._states)
                outcomes.append(error)
        return outcomes

    def _read(self, orders: Sequence[Order]) -> None:
        """All that the orders need, in as few queries as there are kinds of it."""
        self._done = dict(self._append.done)
        fresh = [order for order in orders if order.command_id not in self._done]
        if not fresh:
            return
        self._look_up(name for order in fresh for name in _names_asked_for(order.command))
        streams = {order.case for order in fresh}
        for order in fresh:
            other = self._paid_by(order.command)
            if other is not None:
                streams.add(other)
        self._load(streams)
        creditors = {name for order in fresh if (name := self._creditor(order)) is not None}
        self._look_up(("clinic", name) for name in creditors)
        clinics = (self._owners[("clinic", name)] for name in creditors)
        self._load(stream for stream in clinics if stream is not None)
        prefixes = {
            relation(order.command.creditor, order.command.debtor)
            for order in fresh
            if isinstance(order.command, c.OpenCase) and order.command.debtor is not None
        }
        if prefixes:
            related = self._append.names_like([("relation", prefix) for prefix in prefixes])
            self._relations = {prefix: streams for (_, prefix), streams in related.items()}
            self._load({stream for streams in self._relations.values() for stream in streams})

    def _look_up(self, names: Iterable[tuple[str, str]]) -> None:
        known = self._kept.names
        new = set()
        for name in names:
            if name in self._owners:
                continue
            if name in known:
                self._owners[name] = known[name]
            else:
                new.add(name)
        if new:
            found = self._append.names(new)
            self._owners |= {**dict.fromkeys(new), **found}
            for (kind, text), stream in found.items():
                if kind == "clinic":
                    self._kept.keep_name(kind, text, stream)

    def _load(self, streams: Iterable[UUID]) -> None:
        """Have the states of streams at hand, or what they are folded from."""
        missing = []
        for id in streams:
            if id in self._states or id in self._entries:
                continue
            state = self._kept.take(id)
            if state is None:
                missing.append(id)
            else:
                self._states[id] = state
        self._load_entries(missing)

    def _load_entries(self, streams: Iterable[UUID]) -> None:
        missing = [id for id in streams if id not in self._entries]
        if not missing:
            return
        recorded = self._mapper.recorded
        for id in missing:
            self._entries[id] = []
        for id, entries in self._append.streams(missing).items():
            try:
                self._entries[id] = list(map(recorded, entries))
            except UndecodableEvent as error:
                self._unreadable[id] = error

    def _state(self, id: UUID, kind: type[AnyState]) -> AnyState:
        """The state of a stream, with what this transaction has added to it."""
        if id in self._unreadable:
            raise self._unreadable[id]
        known = self._states.get(id)
        if isinstance(known, kind):
            return known
        # Nobody has asked yet, or somebody took it for something else: a case for a clinic.
        self._load_entries([id])
        state = kind.fold(id, self._entries.get(id, ()))
        for event in self._added.get(id, ()):
            state.apply(event)
        self._states[id] = state
        return state

    def _paid_by(self, command: c.Command) -> UUID | None:
        """The case that a bank receipt is for, where the book knows it."""
        match command:
            case c.MatchReceipt(case=case):
                return case
            case c.RegisterReceipt(kid=str() as kid):
                return self._owners.get(("kid", kid))
            case _:
                return None

    def _creditor(self, order: Order) -> str | None:
        """Whose case it is: that clinic's policy applies to it."""
        if isinstance(order.command, c.ImportHistory):
            return None
        if isinstance(order.command, c.OpenCase):
            return order.command.creditor
        if isinstance(order.command, c.Remit):
            return order.command.clinic
        stream = self._paid_by(order.command) or order.case
        known = self._states.get(stream)
        if isinstance(known, Case):
            return known.creditor
        entries = self._entries.get(stream)
        opened = entries[0].event if entries else None
        return opened.creditor if isinstance(opened, CaseOpened) else None

    def _one(self, order: Order, *, follow: bool) -> Outcome:
        content = order.content_hash()
        done = self._done.get(order.command_id)
        if done is not None:
            if done.content_hash != content:
                return Refusal("command_id_reused", {"command_id": str(order.command_id)})
            return _receipt(order, done.first_position, done.last_position, repeated=True)
        decided = self._decided(order)
        if isinstance(decided, Refusal):
            return decided
        taken = self._taken(decided.names)
        if taken is not None:
            return taken
        entries = []
        for stream, events in decided.events:
            state = self._states.get(stream)
            version = self._append.last_version(stream) if state is None else state.version
            entries += self._mapper.new_entries(stream, version, events)
        first, last = self._append.add(
            Write(
                order.command_id,
                content,
                order.actor,
                order.channel,
                order.case,
                entries,
                decided.names,
            )
        )
        self._done[order.command_id] = StoredCommand(content, order.case, first, last)
        self._owners |= dict.fromkeys(decided.names, order.case)
        for kind, name in decided.names:
            if kind == "relation":
                prefix = name.removesuffix(str(order.case))
                self._relations.setdefault(prefix, []).append(order.case)
        if follow:
            for stream, events in decided.events:
                self._added.setdefault(stream, []).extend(events)
                self._states[stream] = _gone_on(self._states[stream], events)
        else:
            self._behind.update(stream for stream, _ in decided.events)
        receipt = _receipt(order, first, last, repeated=False)
        if order.tell:
            return msgspec.structs.replace(receipt, told=self._told(order, decided, entries, first))
        return receipt

    def _taken(self, names: Names) -> Refusal | None:
        for kind, name in names:
            owner = self._owners.get((kind, name))
            if owner is not None:
                return Refusal("name_taken", {"kind": kind, "name": name, "case": str(owner)})
        return None

    def _told(self, order: Order, decided: Decided, entries: list[NewEntry], first: int) -> Told:
        events = [event for _, events in decided.events for event in events]
        command, at = str(order.command_id), self._append.recorded_at
        recorded = [
            Recorded(
                position, str(entry.stream), entry.version, at,
                order.actor, order.channel, command, event,
            )
            for position, (entry, event) in enumerate(zip(entries, events, strict=True), first)
        ]  # fmt: skip
        state = self._states[order.case]
        case = state.copy() if isinstance(state, Case) else None
        return Told(recorded, case)

    def _decided(self, order: Order) -> Decided | Refusal:
        kind = type(order.command)
        if kind in CLINIC_COMMANDS:
            return self._of_a_clinic(order)
        if isinstance(order.command, c.Remit):
            return self._of_a_remittance(order, order.command)
        if kind in _RECEIPT_DECISIONS:
            return self._of_a_receipt(order)
        case = self._state(order.case, Case)
        conflict = _conflict(order, case.version)
        if conflict is not None and case.opened_on is not None:
            return conflict
        decision = decide(
            case,
            order.command,
            self._rules_of(order),
            self._today,
            actor=order.actor,
            related=self._related(order),
        )
        if isinstance(decision, Refusal):
            self._keep_refusal(order, case, decision)
            return decision
        beside = self._beside(case, decision)
        if isinstance(beside, Refusal):
            self._keep_refusal(order, case, beside)
            return beside
        names = names_claimed(order.command)
        match order.command:
            case c.OpenCase(creditor=creditor, debtor=str() as debtor):
                names = [*names, ("relation", f"{relation(creditor, debtor)}{order.case}")]
            case _:
                pass
        return Decided([(order.case, decision), *beside], names)

    def _beside(
        self, case: Case, events: Iterable[Event]
    ) -> list[tuple[UUID, list[Event]]] | Refusal:
        """What stands in the streams of bank receipts beside what happened on a case."""
        found: list[tuple[UUID, list[Event]]] = []
        for event in events:
            if not isinstance(event, PaymentReceived | PaymentReversed) or event.receipt is None:
                continue
            self._look_up([("receipt", event.receipt)])
            stream = self._owners["receipt", event.receipt]
            receipt = None
            if stream is not None:
                self._load([stream])
                receipt = self._state(stream, receipts.Receipt)
            other = receipts.beside(event, receipt, case)
            if isinstance(other, Refusal):
                return other
            if stream is not None and other is not None:
                found.append((stream, [other]))
        return found

    def _of_a_clinic(self, order: Order) -> Decided | Refusal:
        clinic = self._state(order.case, Clinic)
        conflict = _conflict(order, clinic.version)
        if conflict is not None:
            return conflict
        decision = decide_clinic(clinic, order.command, self._today, order.actor)
        if isinstance(decision, Refusal):
            return decision
        names: Names = []
        if isinstance(order.command, c.RegisterClinic):
            names = [("clinic", order.command.clinic)]
        return Decided([(order.case, decision)], names)

    def _of_a_remittance(self, order: Order, command: c.Remit) -> Decided | Refusal:
        owner = self._owners.get(("clinic", command.clinic))
        if owner is None:
            return Refusal("unknown_clinic", {"clinic": command.clinic})
        if order.case != remittances_of(owner):
            facts = {"kind": "stream of remittances", "name": str(order.case)}
            return Refusal("unknown_reference", facts)
        remittances = self._state(order.case, Remittances)
        conflict = _conflict(order, remittances.version)
        if conflict is not None:
            return conflict
        self._load([owner])
        clinic = self._state(owner, Clinic)
        position, streams = self._cases_held(
            self._append.connection, self._append.book, command.clinic
        )
        types = [type for kind in FUNDS_EVENTS for type in self._mapper.codec.types_of(kind)]
        streams += self._append.streams_with(types, after=position)
        streams += [stream for stream, state in self._states.items() if isinstance(state, Case)]
        cases = {stream: self._events(stream) for stream in self._loaded(streams)}
        decision = remit(clinic, remittances, command, cases, self._today)
        if isinstance(decision, Refusal):
            return decision
        return Decided([(order.case, decision)], [("remittance", command.remittance)])

    def _loaded(self, streams: Iterable[UUID]) -> list[UUID]:
        found = list(dict.fromkeys(streams))
        self._load_entries(found)
        return found

    def _events(self, stream: UUID) -> list[Event]:
        """All events of a stream, with what this transaction has added to it."""
        if stream in self._unreadable:
            raise self._unreadable[stream]
        stored = [entry.event for entry in self._entries[stream]]
        return stored + self._added.get(stream, [])

    def _of_a_receipt(self, order: Order) -> Decided | Refusal:
        receipt = self._state(order.case, receipts.Receipt)
        conflict = _conflict(order, receipt.version)
        if conflict is not None:
            return conflict
        names: Names = []
        if isinstance(order.command, c.RegisterReceipt):
            names = [("bank_line", order.command.source_line), ("receipt", order.command.receipt)]
            if self._owners.get(names[0]) is not None:
                facts = {"line": order.command.source_line}
                return Refusal("duplicate_source_line", facts)
        paid = self._paid_by(order.command)
        case = None if paid is None else self._state(paid, Case)
        setting = Setting(rules=self._rules_of(order), today=self._today, actor=order.actor)
        decide_it = _RECEIPT_DECISIONS[type(order.command)]
        decision = decide_it(receipt, order.command, case, setting)
        if isinstance(decision, Refusal):
            return decision
        events = [(order.case, decision.receipt)]
        if paid is not None and decision.case:
            events.append((paid, decision.case))
        return Decided(events, names)

    def _rules_of(self, order: Order) -> Rules:
        creditor = self._creditor(order)
        clinic = None if creditor is None else self._owners.get(("clinic", creditor))
        if clinic is None:
            return self._rules
        policy = self._state(clinic, Clinic).policy
        known = self._rules_with.get(clinic)
        if known is None or known.policy is not policy:
            known = msgspec.structs.replace(self._rules, policy=policy)
            self._rules_with[clinic] = known
        return known

    def _related(self, order: Order) -> list[Case]:
        """The other cases of the same creditor and debtor, for whoever opens one more."""
        command = order.command
        if not isinstance(command, c.OpenCase) or command.debtor is None:
            return []
        streams = self._relations.get(relation(command.creditor, command.debtor), ())
        return [self._state(stream, Case) for stream in streams if stream != order.case]

    def _keep_refusal(self, order: Order, case: Case, refusal: Refusal) -> None:
        """Record what was refused, beside the case's own stream; it changes nothing on it.

        An import keeps account of its refusals itself, and there is no case yet to keep them with.
        """
        if case.opened_on is None or isinstance(order.command, c.ImportHistory):
            return
        stream = refusals_of(order.case)
        refused = CommandRefused(
            value_date=order.command.on,
            case=str(order.case),
            command=type(order.command).__name__,
            code=refusal.code,
            facts=refusal.facts,
            earliest=refusal.earliest,
            source=refusal.source,
        )
        known = self._refusals(stream)
        command = str(order.command_id)
        if (command, refused) in known:  # sent again, or after a commit that got no answer
            return
        entries = self._mapper.new_entries(stream, len(known), [refused])
        self._append.add(
            Write(order.command_id, None, order.actor, order.channel, stream, entries, [])
        )
        known.append((command, refused))

    def _refusals(self, stream: UUID) -> list[tuple[str, Event]]:
        if stream in self._unreadable:
            raise self._unreadable[stream]
        if stream not in self._refused:
            self._load_entries([stream])
            stored = self._entries[stream]
            self._refused[stream] = [(entry.command_id, entry.event) for entry in stored]
        return self._refused[stream]


_RECEIPT_DECISIONS: Final[dict[type[c.Command], Any]] = {
    c.RegisterReceipt: receipts.register_receipt,
    c.MatchReceipt: receipts.match_receipt,
    c.ReturnReceipt: receipts.return_receipt,
}


def _gone_on(state: AnyState, events: Sequence[Event]) -> AnyState:
    """The state of a stream when these have happened; the one before is used up."""
    if isinstance(state, Case):
        return state.gone_on(events)
    for event in events:
        state.apply(event)
    return state


def _conflict(order: Order, version: int) -> Refusal | None:
    expected = order.expected_version
    if expected is None or expected == version:
        return None
    return Refusal("version_conflict", {"expected": expected, "actual": version})


def _names_asked_for(command: c.Command) -> Names:
    """The names that a command claims, or by which it finds what else it is about."""
    match command:
        case c.RegisterClinic(clinic=name):
            return [("clinic", name)]
        case c.Remit(remittance=remittance, clinic=name):
            return [("clinic", name), ("remittance", remittance)]
        case c.RegisterReceipt(kid=kid, source_line=line, receipt=receipt):
            names = [("bank_line", line), ("receipt", receipt)]
            return names if kid is None else [*names, ("kid", kid)]
        case _:
            return names_claimed(command)


def _receipt(order: Order, first: int, last: int, *, repeated: bool) -> Receipt:
    return Receipt(
        command_id=order.command_id,
        case=order.case,
        first_position=first,
        last_position=last,
        repeated=repeated,
    )
