"""Notes on cases: the log holds that one was taken, and somebody else what it says.

The text is kept first, under the id of the command, which the event bears too: so no event ever
stands without its text. Killed in between, the command sent again completes it; a text whose
command is refused is taken back.
"""

from collections.abc import Callable, Sequence
from typing import Protocol
from uuid import UUID

from ledger.application.orders import Order, Outcome
from ledger.domain.case import Case
from ledger.domain.commands import TakeNote
from ledger.domain.refusals import Refusal
from ledger.domain.screening import screen


class NoteTexts(Protocol):
    """Where the texts of notes are kept, so that they can be erased."""

    def keep(self, debtor: str | None, note: UUID, text: str, actor: str) -> bool | Refusal:
        """Keep a text; whether it was not kept before. Refuses another text under the same id."""

    def take_back(self, debtor: str | None, note: UUID) -> None:
        """Keep it no longer."""


def keeping_texts(
    texts: NoteTexts,
    opened: Callable[[UUID], Case],
    done_before: Callable[[UUID], bool],
    orders: Sequence[Order],
    carry_out: Callable[[Sequence[Order]], list[Outcome]],
) -> list[Outcome]:
    """Carry orders out, with the texts of the notes among them kept; outcomes in their order.

    ``opened`` tells a case as it is. What must not be kept at all, or has no
    case, is refused by the decision, and recorded as refused.
    """
    refused: dict[int, Refusal] = {}
    new: dict[int, str | None] = {}
    for place, order in enumerate(orders):
        if not isinstance(order.command, TakeNote) or screen(order.command.text) is not None:
            continue
        case = opened(order.case)
        if case.state == "unknown":
            continue
        debtor = case.debtor
        kept = texts.keep(debtor, order.command_id, order.command.text, order.actor)
        if kept is True:
            new[place] = debtor
        elif isinstance(kept, Refusal):
            erased_since = kept.code == "subject_erased" and done_before(order.command_id)
            if not erased_since:
                refused[place] = kept
    asked = [order for place, order in enumerate(orders) if place not in refused]
    done = iter(carry_out(asked))
    outcomes = [refused.get(place) or next(done) for place in range(len(orders))]
    for place, debtor in new.items():
        if isinstance(outcomes[place], Refusal):
            texts.take_back(debtor, orders[place].command_id)
    return outcomes
