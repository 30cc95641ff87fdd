"""Who may be told what: that a case exists is confidential by itself."""

from typing import Any

from ledger.domain.events import ContactRecorded, DisclosureRefused
from tests.scenarios import facts
from tests.scenarios.asked import authorise, call, note, revoke, tell_nothing
from tests.scenarios.facts import K1
from tests.scenarios.story import given


def test_a_mother_without_authorisation_is_told_nothing() -> None:
    """Neither that the case exists nor that it does not; the form goes to the patient."""
    (
        given(*K1)
        .when(call(at="2026-04-10 10:00", caller="third_party", disclosed="balance"))
        .refused("no_authority", disclosed="balance")
        .when(call(at="2026-04-10 10:00", caller="guardian", disclosed="balance"))
        .refused("no_authority")
        .when(tell_nothing(on="2026-04-10"))
        .done()
        .recorded(DisclosureRefused, form_sent=True)
        .when(tell_nothing(on="2026-04-10"))
        .refused("duplicate_reference", kind="contact", name="call-1")
    )


def test_an_authorisation_for_payment_tells_the_balance_until_it_ends() -> None:
    payment: dict[str, Any] = {"caller": "third_party", "authorisation": "A1"}
    (
        given(*K1, today="2027-12-31")
        .when(authorise("payment", on="2026-04-10", to="2026-12-31"))
        .done()
        .when(call(at="2026-04-09 10:00", disclosed="balance", **payment))
        .refused("no_authority", earliest="2026-04-10")
        .allowed(call(at="2026-04-10 10:00", disclosed="balance", **payment))
        .when(call(at="2026-04-10 10:00", disclosed="lines", **payment))
        .refused("no_authority", disclosed="lines")
        .allowed(call(at="2026-12-31 10:00", disclosed="balance", **payment))
        .when(call(at="2027-01-01 10:00", disclosed="balance", **payment))
        .refused("no_authority")
    )


def test_an_authorisation_for_the_basis_tells_the_lines_too() -> None:
    basis: dict[str, Any] = {"caller": "third_party", "authorisation": "A1"}
    (
        given(*K1)
        .when(authorise("basis", on="2026-04-10"))
        .done()
        .allowed(call(at="2026-12-31 10:00", disclosed="lines", **basis))
        .when(revoke(on="2026-05-01"))
        .done()
        .allowed(call(at="2026-04-30 10:00", disclosed="lines", **basis))
        .when(call(at="2026-05-01 10:00", disclosed="lines", **basis))
        .refused("no_authority")
        .when(revoke(on="2026-05-02"))
        .refused("unknown_reference", kind="authorisation", name="A1")
    )


def test_an_authorisation_ends_after_it_begins() -> None:
    (
        given(*K1)
        .when(authorise("basis", on="2026-04-10", to="2026-04-09"))
        .refused("date_out_of_range")
        .when(authorise("basis", on="2026-04-10", to="2026-04-10"))
        .done()
        .when(authorise("basis", on="2026-04-10"))
        .refused("duplicate_reference", kind="authorisation", name="A1")
    )


def test_the_patient_on_the_line_may_let_another_listen() -> None:
    (
        given(*K1)
        .when(call(at="2026-04-10 10:00", caller="third_party", disclosed="lines", present=True))
        .done()
        .recorded(ContactRecorded, disclosed="lines")
    )


def test_a_guardian_who_is_the_debtor_is_told_what_he_owes() -> None:
    (
        given(facts.case_opened(role="guardian"))
        .allowed(call(at="2026-04-10 10:00", caller="guardian", disclosed="lines"))
        .allowed(call(at="2026-04-10 10:00", caller="debtor", disclosed="lines"))
    )


def test_a_note_about_health_is_refused_and_not_repeated() -> None:
    refusal = given(*K1).when(note("F32.1, deprimert", on="2026-04-10")).refusal()
    assert refusal.code == "sensitive_text"
    assert "F32" not in repr(refusal)
    assert "deprimert" not in repr(refusal)
    story = given(*K1).when(note("Ringer tilbake i morgen.", on="2026-04-10")).done()
    story.when(note("Ringer i dag.", on="2026-04-10")).refused("duplicate_reference", kind="note")


def test_the_clinic_may_be_told_what_is_its_own() -> None:
    (
        given(*K1)
        .allowed(call(at="2026-04-10 10:00", caller="clinic", disclosed="lines"))
        .allowed(call(at="2026-04-10 10:00", caller="third_party", disclosed="nothing"))
    )


def test_an_authorisation_for_the_basis_tells_the_balance_as_well() -> None:
    basis: dict[str, Any] = {"caller": "third_party", "authorisation": "A1"}
    (
        given(*K1)
        .when(authorise("basis", on="2026-04-10"))
        .done()
        .allowed(call(at="2026-04-11 10:00", disclosed="balance", **basis))
    )
