"""What is paid out to a clinic: what was received for it, once, and less what was taken back."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec
import pytest

from ledger.domain.clinic import Clinic
from ledger.domain.commands import Remit
from ledger.domain.events import (
    ClientFundsRemitted,
    ClinicRegistered,
    Event,
    InterestLowered,
    Part,
    PaymentReceived,
    PaymentReversed,
    RemittanceLine,
)
from ledger.domain.refusals import Code, Refusal
from ledger.domain.remittance import Remittances, Share, moved, remit
from tests.scenarios import facts
from tests.scenarios.facts import day, part
from tests.scenarios.story import told

FIRST, SECOND, THIRD = (UUID(int=number) for number in (1, 2, 3))
TODAY = day("2026-06-30")
ACCOUNT = "12345678903"
FUNDS = tuple[Event, ...]


def clinic() -> Clinic:
    """The clinic whose cases these are."""
    found = Clinic(UUID(int=9))
    found.apply(
        ClinicRegistered(
            value_date=day("2026-01-05"),
            clinic="clinic-10001",
            organisation_number="974760673",
            trade_name="Helse AS",
            account=ACCOUNT,
        )
    )
    return found


def paid(*parts: Part, on: str, overpaid: int = 0) -> PaymentReceived:
    """Money came in, for this."""
    amount = sum(part.amount for part in parts) + overpaid
    return facts.payment_received(f"bank-{on}", amount, *parts, on=on, overpaid=overpaid)


def taken_back(*parts: Part, on: str) -> PaymentReversed:
    """The bank took it back."""
    return PaymentReversed(
        value_date=day(on),
        payment="bank",
        amount=sum(part.amount for part in parts),
        parts=parts,
        overpaid=0,
        paid_on=day(on),
        reason="returned_by_bank",
        corrects=2,
    )


def principal(amount: int) -> Part:
    """Of the invoice's first line."""
    return part("principal", amount, "K1", 1)


def case(*events: Event) -> FUNDS:
    """A case of the clinic's."""
    return (facts.case_opened(), *events)


class Book:
    """Cases, and what was paid out of them."""

    def __init__(self, **cases: FUNDS) -> None:
        names = {"first": FIRST, "second": SECOND, "third": THIRD}
        self.cases: dict[UUID, Sequence[Event]] = {names[name]: e for name, e in cases.items()}
        self.remittances = Remittances(UUID(int=8))

    def asked(
        self, name: str, *, until: str = "2026-06-30", on: str = "2026-06-30", today: date = TODAY
    ) -> list[Event] | Refusal:
        """Remit what was received."""
        command = Remit(on=day(on), remittance=name, clinic="clinic-10001", until=day(until))
        return remit(clinic(), self.remittances, command, self.cases, today)

    def remitted(self, name: str, *, until: str = "2026-06-30") -> ClientFundsRemitted:
        """What is paid out, and is taken into account."""
        answer = self.asked(name, until=until)
        assert not isinstance(answer, Refusal), answer
        (event,) = answer
        assert isinstance(event, ClientFundsRemitted)
        self.remittances.apply(event)
        return event

    def refused(
        self, name: str, *, until: str = "2026-06-30", on: str = "2026-06-30"
    ) -> tuple[Code, dict[str, object]]:
        """Why nothing is."""
        answer = self.asked(name, until=until, on=on)
        assert isinstance(answer, Refusal), answer
        told(answer)
        return answer.code, dict(answer.facts)


def nothing_until(until: str, amount: int = 0) -> tuple[Code, dict[str, object]]:
    """There is nothing to pay out, or more to deduct."""
    facts_of_it = {"clinic": "clinic-10001", "amount": amount, "until": until}
    return "nothing_to_remit", facts_of_it


def test_the_clinic_gets_what_is_its_own_and_we_keep_our_remuneration() -> None:
    """413.00, its interest and reminder fee to the clinic; 175.00 and its VAT are ours."""
    parts = (
        principal(413_00),
        part("interest", 4_20, "K1"),
        part("reminder_fee", 38_00, "K1"),
        part("court_fee", 650_00, "K1"),
        part("collection_fee", 175_00),
        part("collection_fee_vat", 43_75),
    )
    book = Book(first=case(paid(*parts, on="2026-05-04", overpaid=1_00)))
    assert book.remitted("M1") == ClientFundsRemitted(
        value_date=TODAY,
        remittance="M1",
        clinic="clinic-10001",
        account=ACCOUNT,
        until=TODAY,
        amount=1_105_20,
        retained=218_75,
        lines=(
            RemittanceLine(
                case=str(FIRST),
                reference="2026-1",
                amount=1_105_20,
                principal=413_00,
                interest=4_20,
                costs=688_00,
                retained=218_75,
                received_on=day("2026-05-04"),
            ),
        ),
    )
    assert book.refused("M2") == nothing_until("2026-06-30")


def test_a_name_is_used_once_and_a_day_is_not_ahead() -> None:
    book = Book(first=case(paid(principal(100_00), on="2026-05-04")))
    ahead = {"date": "2026-06-30", "from": "1990-01-01"}
    assert book.refused("M1", until="2026-06-30", on="2026-06-29") == ("date_out_of_range", ahead)
    tomorrow = {"date": "2026-07-01", "from": "1990-01-01"}
    late = book.refused("M1", until="2026-07-01", on="2026-07-01")
    assert late == ("date_out_of_range", tomorrow)
    assert book.refused("M1", until="1990-01-01") == nothing_until("1990-01-01")
    book.remitted("M1")
    assert book.refused("M1") == ("duplicate_reference", {"kind": "remittance", "name": "M1"})
    nobody = remit(
        Clinic(UUID(int=9)),
        book.remittances,
        Remit(on=TODAY, remittance="M2", clinic="clinic-7", until=TODAY),
        book.cases,
        TODAY,
    )
    assert nobody == Refusal("unknown_clinic", {"clinic": "clinic-7"})


def test_what_came_after_the_day_waits_for_the_next_one() -> None:
    payments = (paid(principal(100_00), on="2026-05-04"), paid(principal(50_00), on="2026-05-05"))
    book = Book(first=case(*payments))
    assert book.refused("M0", until="2026-05-03") == nothing_until("2026-05-03")
    assert book.remitted("M1", until="2026-05-04").amount == 100_00
    rest = book.remitted("M2")
    assert (rest.amount, rest.lines[0].received_on) == (50_00, day("2026-05-05"))


def test_what_was_taken_back_is_deducted_from_the_next_remittance() -> None:
    book = Book(first=case(paid(principal(413_00), on="2026-05-04")))
    book.remitted("M1", until="2026-05-04")
    book.cases[FIRST] = (*book.cases[FIRST], taken_back(principal(413_00), on="2026-05-20"))
    assert book.refused("M2") == nothing_until("2026-06-30", -413_00)
    book.cases[SECOND] = case(paid(principal(413_00), on="2026-05-21"))
    # Nothing moves either way, so there is nothing to remit.
    assert book.refused("M2") == nothing_until("2026-06-30")
    book.cases[THIRD] = case(paid(principal(50_00), on="2026-05-10"))
    done = book.remitted("M2")
    assert (done.amount, done.retained) == (50_00, 0)
    # The deduction first, then the oldest money.
    assert [(line.case, line.amount, line.received_on) for line in done.lines] == [
        (str(FIRST), -413_00, None),
        (str(THIRD), 50_00, day("2026-05-10")),
        (str(SECOND), 413_00, day("2026-05-21")),
    ]


def test_money_that_is_gone_by_now_is_not_paid_out_for_an_earlier_day() -> None:
    payments = (
        paid(principal(413_00), on="2026-05-04"),
        taken_back(principal(413_00), on="2026-06-01"),
    )
    assert Book(first=case(*payments)).refused("M1", until="2026-05-31") == nothing_until(
        "2026-05-31"
    )


def test_our_remuneration_alone_is_retained_too() -> None:
    book = Book(first=case(paid(part("collection_fee", 175_00), on="2026-05-04")))
    done = book.remitted("M1")
    assert (done.amount, done.retained) == (0, 175_00)
    assert done.lines[0].received_on is None


def test_money_is_as_old_as_the_first_of_it_that_was_not_paid_out() -> None:
    """100.00 were paid out, 40.00 of it taken back, and 70.00 came twice: 30.00 of the first."""
    book = Book(first=case(paid(principal(100_00), on="2026-05-04")))
    book.remitted("M1")
    book.cases[FIRST] = (
        *book.cases[FIRST],
        taken_back(principal(40_00), on="2026-05-10"),
        paid(principal(40_00), on="2026-05-11"),
        paid(principal(70_00), on="2026-05-12"),
        paid(principal(70_00), on="2026-05-13"),
    )
    (line,) = book.remitted("M2").lines
    assert (line.amount, line.received_on) == (140_00, day("2026-05-12"))


def test_cases_of_other_clinics_and_cases_without_money_are_left_alone() -> None:
    another = (
        msgspec.structs.replace(facts.case_opened(), creditor="clinic-10002"),
        paid(principal(100_00), on="2026-05-04"),
    )
    book = Book(first=another, second=case(), third=())
    assert book.refused("M1") == nothing_until("2026-06-30")
    book.cases[THIRD] = case(paid(principal(1_00), on="2026-05-04"))
    assert [line.case for line in book.remitted("M1").lines] == [str(THIRD)]


@pytest.mark.parametrize(
    ("event", "share"),
    [
        (paid(principal(10_00), on="2026-05-04"), Share(principal=10_00)),
        (paid(part("charge", 9_00), on="2026-05-04"), Share(principal=9_00)),
        (paid(part("plan_supplement_vat", 2_00), on="2026-05-04"), Share(retained=2_00)),
        (
            taken_back(principal(10_00), part("interest", 1_00, "K1"), on="2026-05-05"),
            Share(principal=-10_00, interest=-1_00),
        ),
        (
            facts.fee_waived(
                part("collection_fee", 5_00),
                on="2026-05-06",
                returned=(part("collection_fee", 170_00),),
                moved=(principal(150_00), part("reminder_fee", 20_00, "K1")),
            ),
            Share(principal=150_00, costs=20_00, retained=-170_00),
        ),
        (
            InterestLowered(
                value_date=day("2026-05-07"),
                claim="K1",
                unpaid=1_00,
                moved=(principal(3_00),),
                overpaid=4_00,
                until=day("2026-05-07"),
                segments=(),
            ),
            Share(principal=3_00, interest=-7_00),
        ),
        (facts.case_opened(), Share()),
    ],
    ids=["principal", "charge", "ours", "taken back", "fee waived", "interest lowered", "other"],
)
def test_to_whom_money_comes_to_belong(event: Event, share: Share) -> None:
    assert moved(event) == share


def test_remittances_are_the_fold_of_their_stream() -> None:
    book = Book(first=case(paid(principal(100_00), part("interest", 1_00, "K1"), on="2026-05-04")))
    book.remitted("M1")
    book.cases[FIRST] = (*book.cases[FIRST], paid(principal(50_00), on="2026-05-10"))
    book.remitted("M2")
    assert (book.remittances.version, book.remittances.names) == (2, {"M1", "M2"})
    assert book.remittances.paid == {str(FIRST): Share(principal=150_00, interest=1_00)}
