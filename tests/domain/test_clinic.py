"""A clinic: who it is, how it wants its cases handled, and where its money goes."""

from datetime import date
from uuid import UUID

import pytest

from ledger.domain.clinic import Clinic, decide_clinic
from ledger.domain.commands import ChangeClinicAccount, Command, RegisterClinic, SetClinicPolicy
from ledger.domain.events import ClinicAccountChanged, ClinicPolicySet, ClinicRegistered, Event
from ledger.domain.policy import ClinicPolicy
from ledger.domain.refusals import Refusal
from tests.scenarios.facts import day
from tests.scenarios.story import told

ID = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
TODAY = day("2026-06-30")
ACCOUNT, OTHER_ACCOUNT = "12345678903", "86011117947"


def registering(
    on: str = "2026-01-05", *, number: str = "974760673", account: str = ACCOUNT
) -> RegisterClinic:
    """A clinic of which everything is in order, unless said otherwise."""
    return RegisterClinic(
        on=day(on),
        clinic="clinic-1",
        organisation_number=number,
        trade_name="Helse AS",
        account=account,
    )


def changing(account: str = OTHER_ACCOUNT, *, by: str = "clinic:7") -> ChangeClinicAccount:
    """The clinic's money is to go elsewhere."""
    return ChangeClinicAccount(on=day("2026-03-01"), account=account, requested_by=by)


def asked(
    command: Command, clinic: Clinic, *, today: date = TODAY, actor: str = "agent:a1"
) -> list[Event]:
    """What is recorded; the clinic takes it into account."""
    decided = decide_clinic(clinic, command, today, actor)
    assert not isinstance(decided, Refusal), decided
    for event in decided:
        clinic.apply(event)
    return decided


def refused(
    command: Command, clinic: Clinic, *, today: date = TODAY, actor: str = "agent:a1"
) -> Refusal:
    """Why nothing is."""
    version = clinic.version
    decided = decide_clinic(clinic, command, today, actor)
    assert isinstance(decided, Refusal), decided
    assert clinic.version == version
    told(decided)
    return decided


@pytest.fixture
def clinic() -> Clinic:
    """A clinic that is registered."""
    found = Clinic(ID)
    asked(registering(), found)
    return found


def test_a_clinic_is_registered_once() -> None:
    clinic = Clinic(ID)
    assert asked(registering(), clinic) == [
        ClinicRegistered(
            value_date=day("2026-01-05"),
            clinic="clinic-1",
            organisation_number="974760673",
            trade_name="Helse AS",
            account=ACCOUNT,
        )
    ]
    assert (clinic.id, clinic.version, clinic.clinic) == (ID, 1, "clinic-1")
    assert (clinic.organisation_number, clinic.trade_name) == ("974760673", "Helse AS")
    assert (clinic.account, clinic.policy) == (ACCOUNT, ClinicPolicy())
    again = refused(registering(), clinic)
    assert (again.code, again.facts) == (
        "duplicate_reference",
        {"kind": "clinic", "name": "clinic-1"},
    )


def test_its_number_and_its_account_have_valid_check_digits() -> None:
    number = refused(registering(number="974760674"), Clinic(ID))
    assert number.code == "invalid_organisation_number"
    assert number.facts == {"number": "974760674"}
    assert number.source == "enhetsregisterloven"
    account = refused(registering(account="12345678904"), Clinic(ID))
    assert (account.code, account.facts) == ("invalid_account", {"account": "12345678904"})


def test_from_the_first_day_of_the_ledger_until_today() -> None:
    early = refused(registering("1989-12-31"), Clinic(ID))
    assert early.code == "date_out_of_range"
    assert early.facts == {"date": "1989-12-31", "from": "1990-01-01"}
    assert early.earliest is None
    late = refused(registering("2026-07-01"), Clinic(ID))
    assert (late.code, late.earliest) == ("date_out_of_range", day("2026-07-01"))
    for on in ("1990-01-01", "2026-06-30"):
        asked(registering(on), Clinic(ID))


def test_its_policy_is_what_it_said_last(clinic: Clinic) -> None:
    proposed = ClinicPolicy(letters="proposed", grace_days=5)
    assert asked(SetClinicPolicy(on=day("2026-02-01"), policy=proposed), clinic) == [
        ClinicPolicySet(
            value_date=day("2026-02-01"), policy={"letters": "proposed", "grace_days": 5}
        )
    ]
    assert clinic.policy == proposed
    asked(SetClinicPolicy(on=day("2026-02-02"), policy=ClinicPolicy()), clinic)
    assert clinic.policy == ClinicPolicy()


def test_a_policy_that_could_not_be_read_again_is_not_recorded(clinic: Clinic) -> None:
    """Made by hand, it met no check yet: nobody may have less than 14 days (inkassoloven § 9)."""
    short = SetClinicPolicy(on=day("2026-02-01"), policy=ClinicPolicy(letter_deadline_days=13))
    with pytest.raises(ValueError, match="letter_deadline_days"):
        decide_clinic(clinic, short, TODAY, "agent:a1")


def test_another_account_takes_two_people(clinic: Clinic) -> None:
    own = refused(changing(by="clinic:7"), clinic, actor="agent:7")
    assert (own.code, own.source) == ("self_approval", "policy: four eyes")
    assert refused(changing(by="7"), clinic, actor="agent:7").code == "self_approval"
    for by in ("sso:7", "agent:sso:7", "clinic:sso:7"):
        assert refused(changing(by=by), clinic, actor="agent:sso:7").code == "self_approval"
    assert refused(changing("1"), clinic, actor="agent:8").facts == {"account": "1"}
    assert asked(changing(), clinic, actor="agent:8") == [
        ClinicAccountChanged(
            value_date=day("2026-03-01"),
            account=OTHER_ACCOUNT,
            requested_by="clinic:7",
            approved_by="agent:8",
        )
    ]
    assert (clinic.account, clinic.version) == (OTHER_ACCOUNT, 2)


def test_of_a_clinic_that_is_not_there_nothing_can_be_changed() -> None:
    policy = SetClinicPolicy(on=day("2026-02-01"), policy=ClinicPolicy())
    for command in (policy, changing()):
        unknown = refused(command, Clinic(ID))
        assert (unknown.code, unknown.facts) == ("unknown_clinic", {"clinic": str(ID)})
