"""What a note may hold, and what it may not, however it is written."""

import re
from time import perf_counter

import pytest
from stdnum.no import kontonr

from ledger.domain.identifiers import is_kid
from ledger.domain.screening import NOTE_MAX_CHARS, Finding, FindingKind, screen
from ledger.domain.stop_words import STOP_WORDS

IDENTITY = [
    "30108299920",
    "30108299939",  # only under the rule of 2032
    "fnr.30108299920",
    "301082 99920",
    "30-10-82-999-20",
    "3 0 1 0 8 2 9 9 9 2 0",
    "3010 829 9920",
    "30/10/82 (99920)",
    "30108\n299\r\n920",
    "３０１０８２９９９２０",  # noqa: RUF001
    "٣٠١٠٨٢٩٩٩٢٠",
    "³⁰¹⁰⁸²99920",
    "3010\u200b82\u200d999\u00ad20",
    "301082\N{NO-BREAK SPACE}99920",
    "301082—99920",
    "3O1O8299920",
    "3010829992O.",
    "30.10.1982 99920",
    "1982-10-30, 99920",
    "Ring 22 33 44 55, pasient 301082 99920, frist 13.04.2026",
]
CODES = [
    "F32",
    "F32.1, deprimert",
    "F32,1",
    "F321",
    "f32.1",
    "F 32.1 siden mars",
    "F-32.1",
    "F\n32.1",
    "F３２．１",  # noqa: RUF001
    "F3\u200b2.1",
    "Р76",  # noqa: RUF001 - Cyrillic
    "P76",
    "P 7 6",
    "P 76 igjen",
    "kode: Z30.9",
    "sak F32.1",  # a reference has no decimal
]
TARIFF = ["takst 615", "Takst: 214c", "takstkode 11dd", "2ad", "2 ak", "11 dd", "tariff item 701"]
WORDS: list[tuple[str, FindingKind]] = [
    ("Abort, poliklinisk", "health"),
    ("Pasienten er GRAVID", "health"),
    ("is pregnant", "health"),
    ("brystkreft", "health"),
    ("d e p r e s j o n", "health"),
    ("d.e.p.r.e.s.j.o.n", "health"),
    ("depresj0n", "health"),
    ("dеprеsjon", "health"),  # noqa: RUF001 - Cyrillic letters
    ("de\u00adpre\u200bsjon", "health"),
    ("multippel  sklerose", "health"),
    ("medlem av Jehovas vitner", "religion"),
    ("er tillitsvalgt", "union"),
    ("sitter i fengsel", "criminal"),
    ("er homofil", "sexuality"),
    ("asylsøker", "politics_and_origin"),
]
HARMLESS = [
    "",
    "Ringte 16.03.2026 kl. 10.30, avtalt utsettelse i 14 dager.",
    "I 30 dager fra 2026-03-16, deretter purring.",
    "Betalt 413,00 kr 2026-03-16, mangler kr 1.413,50.",
    "tlf 22 33 44 55 / 99 88 77 66, best kl. 12-14",
    "+47 22 33 44 55",
    "KID 0010017 og KID 12345678901234567890123",
    "Faktura 1001-1 og faktura A12, ordre B34",
    "konto 1234.56.78903",
    "Flyttet til Storgata 12 B, leilighet B 12, 0150 Oslo (H0201)",
    "Bor langs E18, ikke E39.",
    "org.nr 974760673",
    "Purring sendt 30.03.2026 med frist 13.04.2026. Betaler 200 kr. i uke 12.",
    "a 38 kr, 12,25 %, 50 %",
    "Født 12.03.1980, f. 12.03.80",
    "Terminalen viste 0.00 kl. 10:31, belastet 10:36.",
    "Legevakten sendte faktura på feil navn; ber klinikken bekrefte.",
    "Har frikort, mener egenandelen er feil.",
    "Kristen Nilsen er ikke til stede, ring tilbake 27.04.2026.",
    "Wants to pay on 1 of 2 invoices; 2nd letter not received. 10 to be paid.",
    "The patient says the clinic already credited NOK 413.00 on 2026-04-02.",
    "Pasienten har adresse i utlandet og ber om e-post.",
    "Kortet ble avvist i resepsjonen.",
    "Rapporten ligger hos klinikken, avtalen er dokumentert.",
]


@pytest.mark.parametrize("text", IDENTITY)
def test_national_identity_numbers_are_found(text: str) -> None:
    assert screen(text) == Finding("national_identity_number")


@pytest.mark.parametrize("text", CODES)
def test_diagnosis_codes_are_found(text: str) -> None:
    assert screen(text) == Finding("diagnosis_code")


@pytest.mark.parametrize("text", TARIFF)
def test_tariff_codes_are_found(text: str) -> None:
    assert screen(text) == Finding("tariff_code")


@pytest.mark.parametrize(("text", "kind"), WORDS)
def test_words_are_found(text: str, kind: FindingKind) -> None:
    assert screen(text) == Finding(kind)


@pytest.mark.parametrize("text", HARMLESS)
def test_the_harmless_may_be_kept(text: str) -> None:
    assert screen(text) is None


def test_the_longest_note() -> None:
    assert screen("a " * (NOTE_MAX_CHARS // 2)) is None
    assert screen("a" * (NOTE_MAX_CHARS + 1)) == Finding("too_long")


def test_a_finding_tells_nothing_of_the_text() -> None:
    assert Finding.__struct_fields__ == ("kind",)


def test_what_a_number_is_called_decides() -> None:
    """Each identity number could be a bank account's or a KID as well: the weights are the same."""
    number = "02013299997"
    assert is_kid(number)
    assert kontonr.is_valid(number)
    for called in (
        "konto {}",
        "Kontonr: {}",
        "account number {}",
        "NO93 {}",
        "KID {}",
        "KID-nr. {}",
    ):
        assert screen(called.format(number)) is None, called
    assert screen(f"KID 0010017, {number}") == Finding("national_identity_number")


@pytest.mark.parametrize("topic", STOP_WORDS, ids=lambda topic: topic[1][0])
def test_each_stop_word_is_found(topic: tuple[str, tuple[str, ...], tuple[str, ...]]) -> None:
    for word in (*topic[1], *topic[2]):
        assert word == word.lower()
        assert re.fullmatch(r"\*?[a-zæøåé][a-zæøåé \-]+\*?", word), word
        found = screen(f"Om {word.replace('*', '')} her")
        assert found is not None, word


def test_the_slowest_text_takes_no_time() -> None:
    """Patterns that try again and again would let a caller stop the program with a short text."""
    slow = ("1", "1 ", "A ", "O", "l1", "a.b-", "1.1,1-", "kr 1 111 111 ", "30.10.1982 ", "d-e ")
    began = perf_counter()
    for text in slow:
        screen((text * NOTE_MAX_CHARS)[:NOTE_MAX_CHARS])
    assert perf_counter() - began < 1
