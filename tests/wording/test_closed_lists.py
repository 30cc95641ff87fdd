"""Whatever a closed list may hold has words in both languages, and its own ones."""

from typing import Any, get_args, get_type_hints

import msgspec
import pytest

from ledger.domain import events as e
from ledger.domain.case import Hold, Stage
from ledger.domain.commands import AnyCommand
from ledger.domain.events import EVENT_TYPES, Component
from ledger.domain.personal import LegalBasis, Retention
from ledger.domain.policy import ClinicPolicy
from ledger.wording import closed_lists as lists
from ledger.wording.closed_lists import Words, words
from ledger.wording.commands import COMMANDS
from ledger.wording.components import COMPONENTS
from ledger.wording.people import LEGAL_BASES, RETENTIONS
from ledger.wording.policy import AMOUNTS, CHOICES, SETTINGS, policy_text


def member_names(literal: Any) -> set[str]:
    """The members of a ``Literal``, or of a union of them."""
    found: set[str] = set()
    for member in get_args(literal):
        found |= {member} if isinstance(member, str) else member_names(member)
    return found


def of(type: type, field: str) -> Any:
    return get_type_hints(type)[field]


LISTS: list[tuple[str, Words, Any]] = [
    ("components", {str(name): said for name, said in COMPONENTS.items()}, Component),
    ("letters", lists.LETTERS, e.LetterKind),
    ("senders", lists.SENDERS, e.Sender),
    ("channels", lists.CHANNELS, e.DeliveryChannel),
    ("contact channels", lists.CONTACT_CHANNELS, e.ContactChannel),
    ("directions", lists.DIRECTIONS, e.ContactDirection),
    ("topics", lists.TOPICS, e.ContactTopic),
    ("callers", lists.CALLERS, e.Caller),
    ("disclosed", lists.DISCLOSED, e.Disclosed),
    ("contact outcomes", lists.CONTACT_OUTCOMES, e.ContactOutcome),
    ("scopes", lists.SCOPES, e.AuthorisationScope),
    ("verified by", lists.VERIFIED_BY, of(e.AuthorisationRegistered, "verified_by")),
    ("lines", lists.LINES, e.LineCategory),
    ("debtor roles", lists.DEBTOR_ROLES, e.DebtorRole),
    ("patient ages", lists.PATIENT_AGES, e.PatientAge),
    ("stages", lists.STAGES, Stage),
    ("holds", lists.HOLDS, Hold),
    ("circumstances", lists.CIRCUMSTANCES, e.Circumstance),
    ("outcomes", lists.OUTCOMES, e.DisputeOutcome),
    ("terminal results", lists.TERMINAL_RESULTS, e.TerminalResult),
    ("close reasons", lists.CLOSE_REASONS, e.CloseReason),
    ("reopen reasons", lists.REOPEN_REASONS, e.ReopenReason),
    ("credit reasons", lists.CREDIT_REASONS, e.CreditReason),
    ("waiver reasons", lists.WAIVER_REASONS, e.WaiverReason),
    ("void reasons", lists.VOID_REASONS, e.VoidReason),
    ("void reasons of the event", lists.VOID_REASONS, of(e.LetterVoided, "reason")),
    ("write-off reasons", lists.WRITE_OFF_REASONS, e.WriteOffReason),
    ("pause reasons", lists.PAUSE_REASONS, of(e.InterestPaused, "reason")),
    ("reversal reasons", lists.REVERSAL_REASONS, of(e.PaymentReversed, "reason")),
    ("correction reasons", lists.CORRECTION_REASONS, of(e.CorrectionRecorded, "reason")),
    ("acknowledgements", lists.ACKNOWLEDGEMENTS, of(e.DebtAcknowledged, "how")),
    ("answers", lists.ANSWERS, of(e.ClinicReplied, "answer")),
    ("legal reasons", lists.LEGAL_REASONS, e.LegalReason),
    ("clinic choices", lists.CLINIC_CHOICES, e.ClinicChoice),
    ("legal steps", lists.LEGAL_STEPS, e.LegalStep),
    ("enforcement outcomes", lists.ENFORCEMENT_OUTCOMES, e.EnforcementOutcome),
    ("tasks", lists.TASKS, e.TaskKind),
    ("designations", lists.DESIGNATIONS, e.Designation),
    ("allocation orders", lists.ALLOCATION_ORDERS, e.AllocationOrder),
    ("legal bases", {str(name): said for name, said in LEGAL_BASES.items()}, LegalBasis),
    ("retentions", {str(name): said for name, said in RETENTIONS.items()}, Retention),
    ("queue reasons", lists.QUEUE_REASONS, of(e.ReceiptQueued, "reason")),
    *((f"policy: {name}", table, of(ClinicPolicy, name)) for name, table in CHOICES.items()),
]


@pytest.mark.parametrize(
    ("table", "literal"), [row[1:] for row in LISTS], ids=[r[0] for r in LISTS]
)
def test_a_table_covers_its_list_and_no_more(table: Words, literal: Any) -> None:
    assert set(table) == member_names(literal)


def test_disputes_have_words_for_what_imported_history_says_too() -> None:
    assert set(lists.DISPUTES) == member_names(e.DisputeCategory) | {"imported"}


def test_each_command_has_a_name() -> None:
    assert set(COMMANDS) == {command.__name__ for command in get_args(AnyCommand)}


def all_tables() -> list[tuple[str, Words]]:
    found = {id(table): (name, table) for name, table, _ in LISTS}
    for name, table in vars(lists).items():
        if name.isupper():
            found.setdefault(id(table), (name, table))
    return [*found.values(), ("commands", COMMANDS), ("settings", SETTINGS)]


@pytest.mark.parametrize(
    "table", [row[1] for row in all_tables()], ids=[r[0] for r in all_tables()]
)
def test_no_two_members_are_called_the_same(table: Words) -> None:
    for language in (0, 1):
        said = [names[language] for names in table.values()]
        assert len({text.casefold() for text in said}) == len(said)
        for text in said:
            assert text == text.strip()
            assert text
            assert "_" not in text


def test_what_imported_history_says_stands_as_it_is() -> None:
    assert words(lists.DISPUTES, "Nr. 7") == ("Nr. 7", "Nr. 7")
    assert words(lists.DISPUTES, "wrong_person") == ("feil person", "wrong person")


def test_every_list_that_an_event_draws_on_is_named_here() -> None:
    known = [member_names(literal) for _, _, literal in LISTS]
    for type in EVENT_TYPES:
        for name, hint in get_type_hints(type).items():
            members = member_names(hint)
            if members:  # an event may take a part of a list
                assert any(members <= listed for listed in known), f"{type.name}.{name}"


def test_each_setting_of_a_policy_has_a_name_and_a_form() -> None:
    fields = msgspec.structs.fields(ClinicPolicy)
    assert set(SETTINGS) == {field.name for field in fields}
    assert {*AMOUNTS, *CHOICES} <= set(SETTINGS)
    for field in fields:
        form = field.name in CHOICES, field.name in AMOUNTS, field.name.endswith("_days")
        assert sum(form) == (0 if isinstance(field.default, bool) else 1), field.name


def test_a_policy_in_words() -> None:
    space = "\N{NO-BREAK SPACE}"
    policy = {"grace_days": 1, "invoicing_fee_most": 40_00, "letters": "proposed"}
    assert policy_text(policy, "nb", "NOK") == (
        f"slakk etter fristen: 1 dag; høyeste fakturagebyr: 40,00{space}kr; "
        "brev: foreslås for en saksbehandler"
    )
    assert policy_text({"vat_deductible": False, "grace_days": 2}, "en", "NOK") == (
        "grace after a deadline: 2 days; can deduct VAT: no"
    )
    assert policy_text({}, "nb", "NOK") == "standard"
