"""Every event in a line of Norwegian and one of English, with its amounts and dates in them."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
import pytest

from ledger.domain import events as e
from ledger.domain.events import EVENT_TYPES, Event, Part
from ledger.domain.money import MINOR_DIGITS
from ledger.wording.events import _LINES, lines
from tests.domain.samples import CASE, EVENTS, ON, remitted

SPACE = "\N{NO-BREAK SPACE}"


def named(event: Event) -> str:
    return event.name


def test_each_type_has_a_line() -> None:
    assert set(_LINES) == set(EVENT_TYPES)


@pytest.mark.parametrize("currency", MINOR_DIGITS)
@pytest.mark.parametrize("event", EVENTS, ids=named)
def test_a_line_is_a_line_of_its_language(event: Event, currency: str) -> None:
    nb, en = lines(event, currency)
    for line in (nb, en):
        assert line == line.strip()
        assert line[0].isupper()
        assert re.search(r"None|True|False|[?{}\[\]\n\t]|  |\(\)|: ?$|[,;:(] ?[,;:)]", line) is None
        assert line.count("(") == line.count(")")
    assert nb != en
    # No date, amount or currency in the other language's form.
    assert re.search(r"\d{4}-\d\d-\d\d", nb) is None
    assert re.search(rf"{currency}{SPACE}|\d\.\d\d\b(?!\.\d{{4}})", nb) is None
    assert re.search(r"\d\d\.\d\d\.\d{4}", en) is None
    assert re.search(rf"\d,\d\d\b|{SPACE}kr|\d{SPACE}", en) is None


@pytest.mark.parametrize("event", EVENTS, ids=named)
def test_nothing_personal_stands_in_a_line(event: Event) -> None:
    """Who is meant or who did it is kept beside the line, for those who may know it."""
    for line in lines(event, "NOK"):
        assert re.search(r"(subject-|agent:|senior:|clinic:)\d", line) is None
        assert CASE not in line


NOT_SAID: dict[type[Event], set[str]] = {
    e.CaseOpened: {"currency", "debtor"},
    e.TerminalPaymentReceived: {"payment"},
    e.InvoiceIssued: {"kid"},
    e.PaymentReceived: {"payment", "receipt"},
    e.PaymentReportedByClinic: {"payment"},
    e.PaymentReversed: {"receipt"},
    e.InterestFixed: {"segments"},
    e.InterestLowered: {"segments"},
    e.SettlementAgreed: {"agreed_by"},
    e.CircumstanceRegistered: {"contact"},
    e.AuthorisationRegistered: {"holder"},
    e.ContactRecorded: {"at", "authorisation"},
    e.ClinicDecided: {"decided_by"},
    e.ApprovalRequested: {"action", "requested_by"},
    e.ApprovalGiven: {"approved_by"},
    e.ApprovalDeclined: {"declined_by"},
    e.SubjectErased: {"erasure", "subject"},
    e.CommandRefused: {"case", "facts", "source"},
    e.ClinicRegistered: {"trade_name"},
    e.ClinicPolicySet: {"policy"},
    e.ClinicAccountChanged: {"requested_by", "approved_by"},
    e.ReceiptRegistered: {"account", "ordered_on", "source_line"},
    e.ReceiptMatched: {"case"},
    e.ReceiptUnmatched: {"case"},
    e.ClientFundsRemitted: {"account"},
}
"""What a line leaves to whoever opens the event: people, other systems' keys, how interest adds
up. What a command or a policy consists of is tested by itself."""


def choices(type: type[Event], field: str) -> tuple[Any, ...]:
    """The closed list that a field is taken from; empty if it is taken from none."""
    hint = get_type_hints(type)[field]
    return get_args(hint) if get_origin(hint) is Literal else ()


def otherwise(event: Event, field: str) -> list[Event]:
    """The event with another value of a field."""
    value = getattr(event, field)
    values: list[Any] = [other for other in choices(type(event), field) if other != value]
    match value:
        case _ if values:
            pass
        case bool():
            values = [not value]
        case int():
            values = [value + 1]
        case str():
            values = [f"{value}x"]
        case datetime():
            values = [value + timedelta(days=1, minutes=1)]
        case date():
            values = [value - timedelta(days=1)]
        case (_, *rest):
            values = [tuple(rest)]
        case _:
            values = []
    return [msgspec.structs.replace(event, **{field: value}) for value in values]


@pytest.mark.parametrize("type", EVENT_TYPES, ids=lambda type: type.name)
def test_another_fact_is_another_line(type: type[Event]) -> None:
    said: set[str] = set()
    for event in (event for event in EVENTS if isinstance(event, type)):
        nb, en = lines(event, "NOK")
        for field in event.__struct_fields__:
            for changed in otherwise(event, field):
                other_nb, other_en = lines(changed, "NOK")
                assert (nb == other_nb) == (en == other_en), "both languages say as much"
                if nb != other_nb:
                    said.add(field)
    assert set(type.__struct_fields__) - said == NOT_SAID.get(type, set()) | {"value_date"}


@pytest.mark.parametrize("type", EVENT_TYPES, ids=lambda type: type.name)
def test_each_member_of_a_closed_list_is_said_in_its_own_words(type: type[Event]) -> None:
    """In a sample where the field is said at all: an order that a designation replaces is not."""
    for field in type.__struct_fields__:
        members = choices(type, field)
        if not members or field in NOT_SAID.get(type, set()):
            continue
        most: tuple[int, int] = (0, 0)
        for event in (event for event in EVENTS if isinstance(event, type)):
            said = [
                lines(msgspec.structs.replace(event, **{field: member}), "NOK")
                for member in members
            ]
            most = max(most, (len({nb for nb, _ in said}), len({en for _, en in said})))
        assert most == (len(members), len(members)), field


def said(event: Event) -> tuple[str, str]:
    """The lines, with plain spaces."""
    nb, en = lines(event, "NOK")
    return nb.replace(SPACE, " "), en.replace(SPACE, " ")


def test_an_amount_never_reads_on_from_a_number() -> None:
    """``linje 2 413,00 kr`` would be two thousand four hundred and thirteen kroner."""
    paid = e.Credited(
        value_date=ON,
        credit_note="C1",
        reason="goodwill",
        parts=(Part("principal", 413_00, "1001", 2), Part("interest", 1_00, "1001")),
    )
    assert said(paid) == (
        "Kreditnota C1: hovedkrav (1001, linje 2) 413,00 kr, forsinkelsesrente (1001) 1,00 kr "
        "(kulanse)",
        "Credit note C1: principal (1001, line 2) NOK 413.00, late interest (1001) NOK 1.00 "
        "(goodwill)",
    )
    for event in EVENTS:
        for line in lines(event, "NOK"):
            assert re.search(rf"\d \d+[.,{SPACE}]\d", line) is None


def test_a_fee_that_falls_away_says_what_its_money_pays() -> None:
    waived = e.FeeWaived(
        value_date=ON,
        parts=(Part("reminder_fee", 8_00, "K1"),),
        reason="letter_void",
        letter="R1",
        returned=(Part("demand_fee", 30_00, "K1"),),
        moved=(Part("principal", 12_00, "K1", 1),),
        overpaid=18_00,
    )
    assert said(waived) == (
        "Frafalt purregebyr (K1) 8,00 kr, gebyr for betalingsoppfordring (K1) 30,00 kr for brev "
        "R1 (brevet er ugyldig); herav allerede betalt 30,00 kr; omført til hovedkrav (K1, linje "
        "1) 12,00 kr; overbetalt 18,00 kr",
        "Waived reminder fee (K1) NOK 8.00, payment demand fee (K1) NOK 30.00 for letter R1 (the "
        "letter is void); NOK 30.00 of it paid already; moved to principal (K1, line 1) NOK "
        "12.00; overpaid NOK 18.00",
    )


def test_a_time_of_day_is_that_of_oslo() -> None:
    """Summer and winter time, and the day that it is there."""
    for at, nb, en in (
        (datetime(2026, 1, 15, 23, 30, tzinfo=UTC), "16.01.2026 kl. 00:30", "2026-01-16 at 00:30"),
        (datetime(2026, 7, 15, 22, 30, tzinfo=UTC), "16.07.2026 kl. 00:30", "2026-07-16 at 00:30"),
    ):
        asked = e.CallbackRequested(value_date=ON, callback="CB1", at=at)
        assert said(asked) == (
            f"Tilbakeringing CB1 ønsket {nb}",
            f"Callback CB1 requested for {en}",
        )


@pytest.mark.parametrize(
    ("number", "nb", "en"), [(1, "1 sak", "1 case"), (2, "2 saker", "2 cases")]
)
def test_one_is_not_many(number: int, nb: str, en: str) -> None:
    paid = e.ClientFundsRemitted(
        value_date=ON,
        remittance="U1",
        clinic="clinic-1",
        account="12345678903",
        until=ON,
        amount=413_00,
        retained=0,
        lines=(remitted(CASE, "2026-1", 413_00),) * number,
    )
    line_nb, line_en = said(paid)
    assert f"til clinic-1 fra {nb}, innbetalt" in line_nb
    assert f"to clinic-1 from {en}, received" in line_en


def test_a_refusal_that_an_earlier_program_knew_is_still_told() -> None:
    refused = e.CommandRefused(
        value_date=ON,
        case=CASE,
        command="WriteOff",
        code="gone",
        facts={},
        earliest=None,
        source=None,
    )
    assert said(refused) == ("Avvist: Avskriv (gone)", "Refused: Write off (gone)")
