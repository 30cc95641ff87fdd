"""What a person is told that is kept about them (GDPR art. 15)."""

from datetime import date

import pytest

from ledger.application.ledger import Ledger
from ledger.domain.personal import Purpose
from ledger.people.access_report import AccessReport, access_report
from ledger.people.cases import involvements
from ledger.people.erasure import erase
from ledger.people.erasure_list import ErasureList
from ledger.people.vault import Vault
from ledger.wording.amounts import Language
from tests.orders import TODAY
from tests.people.persons import (
    AGENT,
    ASKED_ON,
    CLEARED,
    GENERATED,
    HIDDEN,
    HOLDER,
    NOW,
    done,
    owing,
    paid_up,
)

pytestmark = [pytest.mark.database]


def under(report: AccessReport, heading: str) -> list[str]:
    (section,) = [section for section in report.sections if section.heading == heading]
    return list(section.lines)


def test_all_of_it_in_norwegian(vault: Vault, ledger: Ledger) -> None:
    subject = done(vault.add(GENERATED, AGENT.actor, TODAY))
    owing(ledger, subject, "K1")
    owing(ledger, done(vault.add(HIDDEN, AGENT.actor, TODAY)), "K2")
    done(vault.write_note(subject, "Ringte, avtalt utsettelse", AGENT.actor))
    done(vault.authorise(subject, HOLDER, AGENT.actor))
    done(vault.read(subject, AGENT, "answer_caller"))
    report = done(access_report(vault, ledger, subject, CLEARED, "nb", ASKED_ON))

    assert report.title == "Innsyn i personopplysninger"
    assert "01.08.2026" in report.intro
    assert under(report, "Om deg") == [
        "Navn: Generert Testperson",
        "Fødselsdato: 30.10.1982",
        "Fødselsnummer eller D-nummer: 30108299920",
        "Adresse: Oppdiktet vei 1, 0150 Oslo, NO",
        "Telefon: 22 33 44 55",
        "E-post: generert@example.invalid",
        "Språk: bokmål",
        "Ønsket kanal: SMS",
    ]
    assert under(report, "Sakene dine") == [
        "Sak K1 hos clinic-1",
        "  02.03.2026  Sak K1 opprettet for kreditor clinic-1",
        "  02.03.2026  Faktura K1-1 på 413,00\N{NO-BREAK SPACE}kr utstedt, forfall 01.04.2026",
        "  Skyldig nå: 413,00\N{NO-BREAK SPACE}kr",
    ]
    (note,) = under(report, "Notater")
    assert note.endswith("(agent:17): Ringte, avtalt utsettelse")
    assert under(report, "Hvem som kan spørre for deg") == [
        "ektefelle: betaling, fra 01.01.2026 til 31.12.2026"
    ]
    looked = under(report, "Hvem som har sett opplysningene")
    assert len(looked) == 4, "the call, and what this report reads itself"
    assert "agent:17, for besvare en henvendelse (navn, fødselsdato" in looked[0]
    assert looked[1:] == [line for line in looked if "agent:18, for svare på innsynskrav" in line]
    assert under(report, "Slettinger") == ["Ingen."]
    assert any("Datatilsynet" in line for line in under(report, "Rettighetene dine"))
    assert "Fullmektig" not in str(report), "the holder is another person"
    assert "K2" not in str(report)


def test_the_same_in_english(vault: Vault, ledger: Ledger) -> None:
    subject = done(vault.add(GENERATED, AGENT.actor, TODAY))
    owing(ledger, subject, "K1")
    text = str(done(access_report(vault, ledger, subject, CLEARED, "en", ASKED_ON)))
    for said in (
        "Access to personal data",
        "Date of birth: 1982-10-30",
        "Case K1 opened for creditor clinic-1",
        "Owed now: NOK\N{NO-BREAK SPACE}413.00",
        "Preferred channel: text message",
        "answering an access request",
    ):
        assert said in text


@pytest.mark.parametrize("language", ["nb", "en"])
def test_a_protected_address_is_not_printed_by_whoever_is_not_cleared(
    vault: Vault, ledger: Ledger, language: Language
) -> None:
    subject = done(vault.add(HIDDEN, AGENT.actor, TODAY))
    done(access_report(vault, ledger, subject, AGENT, language, ASKED_ON))
    report = str(done(access_report(vault, ledger, subject, AGENT, language, ASKED_ON)))
    assert "Hemmelig" not in report
    assert ("skjermet" if language == "nb" else "protected") in report
    cleared = str(done(access_report(vault, ledger, subject, CLEARED, language, ASKED_ON)))
    assert "Hemmelig gate 7, 9999 Utopia, NO (str" in cleared


@pytest.mark.parametrize("language", ["nb", "en"])
def test_of_an_erased_person(
    vault: Vault, ledger: Ledger, listed: ErasureList, language: Language
) -> None:
    subject = done(vault.add(GENERATED, AGENT.actor, TODAY))
    paid_up(ledger, subject, "K1")
    for today, words in (
        (ASKED_ON, {"nb": "beholdes til 31.12.2031", "en": "kept until 2031-12-31"}),
        (date(2032, 1, 1), {"nb": "slettet person", "en": "erased subject"}),
    ):
        erase(
            vault.engine, ledger, listed, subject, involvements(ledger, subject),
            legal_basis="asked_by_the_person", actor=AGENT.actor, now=NOW, today=today,
        )  # fmt: skip
        report = str(done(access_report(vault, ledger, subject, AGENT, language, today)))
        assert words[language] in report
        assert "22 33 44 55" not in report
        assert "K1-1" in report, "the books stay"


def test_each_look_can_be_put_into_words(vault: Vault, ledger: Ledger) -> None:
    subject = done(vault.add(GENERATED, AGENT.actor, TODAY))
    purposes: list[Purpose] = ["reconcile", "legal_step", "support"]
    for purpose in purposes:
        vault.read(subject, AGENT, purpose)
        vault.find(vault.search.number("30108299920"), AGENT, purpose)
        vault.tell_third_party(subject, "basis", AGENT, TODAY)
    for language in ("nb", "en"):
        report = done(access_report(vault, ledger, subject, AGENT, language, TODAY))
        assert len(report.sections[5].lines) >= 9
