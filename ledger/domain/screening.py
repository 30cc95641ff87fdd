"""Screens free text before it is kept: national identity numbers, health codes, words of health.

A note is refused, not mended: what is left after taking out the worst would still tell the rest.
A ``Finding`` names the kind of what was found and never the text, so that a refusal can be shown
and logged.

Text is read as a person would read it, whatever its characters: full-width and other digits,
letters of other alphabets that look like ours, zero-width characters, and spaces, dots, dashes
or line breaks in between.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, Literal

import msgspec

from ledger.domain import national_identity
from ledger.domain.refusals import Refusal
from ledger.domain.stop_words import STOP_WORDS, Topic

NOTE_MAX_CHARS: Final = 500
"""The longest note. What needs more words is about the grounds of a claim: for the clinic."""

FindingKind = Literal[
    "too_long", "national_identity_number", "diagnosis_code", "tariff_code", Topic
]


HEALTH_PERSONNEL_ACT: Final = "helsepersonelloven § 21; GDPR art. 9"


class Finding(msgspec.Struct, frozen=True):
    """What a text was refused for. The text itself is not in it."""

    kind: FindingKind


def screen(text: str) -> Finding | None:
    """The first thing found that no note may hold, or ``None`` for a text that may be kept."""
    if len(text) > NOTE_MAX_CHARS:
        return Finding("too_long")
    plain = _plain(text)
    if _holds_identity_number(plain):
        return Finding("national_identity_number")
    if _holds_diagnosis_code(plain):
        return Finding("diagnosis_code")
    folded = _spelled_together(plain).lower()
    if _TARIFF_CODE.search(folded):
        return Finding("tariff_code")
    topic = _topic_of(folded) or _topic_of(folded.translate(_DIGITS_READ_AS_LETTERS))
    return None if topic is None else Finding(topic)


def refuse_text(text: str) -> Refusal | None:
    """Why a text may not be kept, in words that do not repeat it; ``None`` if it may."""
    finding = screen(text)
    if finding is None:
        return None
    if finding.kind == "too_long":
        return Refusal("note_too_long", {"max": NOTE_MAX_CHARS})
    return Refusal("sensitive_text", {"kind": finding.kind}, source=HEALTH_PERSONNEL_ACT)


# ---------------------------------------------------------------- characters as they are read

_LOOK_ALIKES: Final = str.maketrans(
    # Cyrillic and Greek letters that are printed like Latin ones.
    "АВЕЅІЈКМНОРСТУХаеѕіјорсухԁһԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧαιορυνҺԌ",
    "ABESIJKMHOPCTYXaesijopcyxdhqwABEZHIKMNOPTYXaiopuvHG",
)
_DASHES: Final = str.maketrans(dict.fromkeys("‐‑‒–—―−﹘﹣－_~", "-"))  # noqa: RUF001
_DIGITS_READ_AS_LETTERS: Final = str.maketrans("01345@$", "oieasas")
_LETTERS_READ_AS_DIGITS: Final = str.maketrans("OoQlI|!", "0001111")
_SOFT: Final = frozenset("\N{SOFT HYPHEN}\N{COMBINING GRAPHEME JOINER}\N{HANGUL FILLER}")


def _plain(text: str) -> str:
    """The text in Latin letters and ASCII digits, without what can't be seen."""
    read = "".join(map(_read, unicodedata.normalize("NFKC", text)))
    return read.translate(_LOOK_ALIKES).translate(_DASHES)


def _read(character: str) -> str:
    if character.isascii():
        return character if character.isprintable() else " "
    category = unicodedata.category(character)
    if category in {"Cf", "Mn"} or character in _SOFT:
        return ""
    if category in {"Zs", "Zl", "Zp", "Cc"}:
        return " "
    digit = unicodedata.digit(character, None)
    return character if digit is None else str(digit)


_LETTERS_APART: Final = re.compile(r"(?<!\w)[^\W\d](?:[ .\-*/]{1,2}[^\W\d](?!\w)){3,}")


def _spelled_together(plain: str) -> str:
    """``d e p r e s j o n`` as one word."""
    return _LETTERS_APART.sub(lambda spelled: re.sub(r"[ .\-*/]", "", spelled[0]), plain)


# ---------------------------------------------------------------- national identity numbers

_HARMLESS_NUMBERS: Final = re.compile(
    r"""
      (?<!\d)(?:19|20)\d\d-\d\d-\d\d(?!\d)                    # 2026-03-16
    | (?<!\d)\d{1,2}\.[ ]?\d{1,2}\.[ ]?(?:19|20)\d\d(?!\d)    # 16.03.2026
    | (?<!\d)(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?!\d)     # 10:36
    | (?:kr\.?|nok)[ ]?(?:\d{1,7}|\d{1,3}(?:[ .]\d{3}){1,2})(?:[.,](?:\d\d|-))?(?![ .\-]{0,3}\d)
    | (?<!\d)(?<!\d[ .\-/])(?:\d{1,7}|\d{1,3}(?:[ .]\d{3}){1,2})(?:[.,]\d\d)?
      [ ]?(?:kr|nok|kroner)\b(?![ .]{0,2}\d)
    | (?:\+|00)47[ ]?(?:\d[ ]?){7}\d(?!\d)                    # +47 22 33 44 55
    """,
    re.VERBOSE | re.IGNORECASE,
)
_BIRTH_DATE_IN_FULL: Final = re.compile(
    r"(?<!\d)(\d\d)[ ./-]{0,3}(\d\d)[ ./-]{0,3}(?:18|19|20)(\d\d)[ ./:,()-]{1,4}"
    r"(\d[ .-]?\d[ .-]?\d[ .-]?\d[ .-]?\d)(?!\d)"
)
_BIRTH_DATE_YEAR_FIRST: Final = re.compile(
    r"(?<!\d)(?:18|19|20)(\d\d)[ ./-]{0,3}(\d\d)[ ./-]{0,3}(\d\d)[ ./:,()-]{1,4}"
    r"(\d[ .-]?\d[ .-]?\d[ .-]?\d[ .-]?\d)(?!\d)"
)
_DIGITS_APART: Final = re.compile(r"\d(?:[ .,:;/()*'\"\-]{0,4}\d)*")
_MISREAD_DIGITS: Final = re.compile(r"(?<![^\W\d])(?=(?:[OoQlI|!]*\d){4})[\dOoQlI|!]{11}(?!\w)")
_GROUP: Final = re.compile(r"\d+")
_ANOTHER_NUMBER_BEFORE: Final = re.compile(
    r"""(?:konto(?:en|nr|nummer)?|account(?:[ ](?:no|number))?|\bNO\d\d|\bKID(?:-?(?:nr|nummer))?)
    [ .:]{0,3}$""",
    re.VERBOSE | re.IGNORECASE,
)
_LONGEST_RUN_DIGITS: Final = 11


def _holds_identity_number(plain: str) -> bool:
    for in_full, order in ((_BIRTH_DATE_IN_FULL, (1, 2, 3)), (_BIRTH_DATE_YEAR_FIRST, (3, 2, 1))):
        for born in in_full.finditer(plain):
            digits = "".join(born[part] for part in order) + _digits(born[4])
            if national_identity.parse(digits) is not None:
                return True
    plain = _MISREAD_DIGITS.sub(lambda m: m[0].translate(_LETTERS_READ_AS_DIGITS), plain)
    plain = _HARMLESS_NUMBERS.sub("#", plain)
    return any(
        national_identity.parse(number) is not None and not _is_called_otherwise(plain[:start])
        for run in _DIGITS_APART.finditer(plain)
        for start, number in _of_eleven_digits(run)
    )


def _of_eleven_digits(run: re.Match[str]) -> Iterator[tuple[int, str]]:
    """Where in the text they begin, and the digits, of all whole groups that make up eleven.

    A number of more digits without a break is something else: a long KID, a card's number.
    """
    groups = list(_GROUP.finditer(run[0]))
    for first, group in enumerate(groups):
        number = ""
        for following in groups[first:]:
            number += following[0]
            if len(number) >= _LONGEST_RUN_DIGITS:
                break
        if len(number) == _LONGEST_RUN_DIGITS:
            yield run.start() + group.start(), number


def _is_called_otherwise(before: str) -> bool:
    """Whether the text calls it an account number or a KID.

    Those have their last digit by the same weights: each identity number could be either, so
    what the text calls it has to decide.
    """
    return _ANOTHER_NUMBER_BEFORE.search(before) is not None


def _digits(text: str) -> str:
    return "".join(_GROUP.findall(text))


# ---------------------------------------------------------------- health codes

_CODE: Final = re.compile(
    r"""
    (?<![\w+-])
    (?P<letter>[A-Za-z])
    (?P<apart>[ .\-/]{0,2})
    \d(?P<between>[ \-]{0,2})\d
    (?P<decimal>[ ]{0,2}[.,\-][ ]{0,2}\d{1,2} | \d)?
    (?!\w | [.,:/]\d | -\d | [ ]?%)
    (?P<number_after>[ ]?\d)?
    """,
    re.VERBOSE,
)
"""A category of ICD-10 or ICPC-2: a letter and two digits, with ICD-10's decimal or without."""

_NO_CATEGORY: Final = frozenset(
    {"E17", "E18", "E19", "E36", "E37", "E38", "E39", "E47", "E48", "E49"}
)
"""Gaps in ICD-10's chapter IV (ICPC-2 has no E): E18 and E39 are roads."""
_WORDS_OF_ONE_LETTER: Final = frozenset("iaåIA")
_REFERENCE_BEFORE: Final = re.compile(
    r"""(?:faktura|sak|ref|referanse|rom|leilighet|leil|oppgang|dør|gate|port|inngang|skranke|plass
    |kø|kønummer|skjema|ordre|bilag|kolli|invoice|case|reference|room|apartment|apt|flat|entrance
    |desk|form|order|voucher|seksjon|etasje|blokk|gruppe|group|buss|bus|linje|side|vei|veien|vedlegg|road)
    (?:en|nr|nummer|[ ]no|[ ]number)?[ .:#]{0,3}$""",
    re.VERBOSE | re.IGNORECASE,
)


def _holds_diagnosis_code(plain: str) -> bool:
    return any(_is_diagnosis_code(plain, code) for code in _CODE.finditer(plain))


def _is_diagnosis_code(plain: str, code: re.Match[str]) -> bool:
    letter, apart, between, decimal = code.group("letter", "apart", "between", "decimal")
    if letter.upper() + _digits(code[0])[:2] in _NO_CATEGORY:
        return False
    if apart.strip("-/") and not between:
        # "i 14 dager", "f. 12 mars", "T 22 33 44 55": a letter that stands apart is a word,
        # unless it is written large; and the first of a row of numbers is none of a code's.
        if letter in _WORDS_OF_ONE_LETTER or letter.islower():
            return False
        if code["number_after"] and decimal is None:
            return False
    if decimal is not None and decimal.strip()[0] in ".,":
        return True
    called = _REFERENCE_BEFORE.search(plain[: code.start()]) is not None
    return not (called and apart in {"", " "} and between in {"", "-"})


_TARIFF_CODE: Final = re.compile(
    r"""
      (?<!\w)(?:takst(?:en|er|ene|kode[nr]?|nr|nummer)?|normaltariff(?:en)?|refusjonskode[nr]?)
        [ .:\-]{0,3}\d{1,3}[ ]?[a-z]{0,3}(?!\w)
    | (?<!\w)(?:tariff|reimbursement)[ ](?:code|item)[ .:\-]{0,3}\d{1,3}[ ]?[a-z]{0,3}(?!\w)
    | (?<!\w)(?:[1-9]|1\d|2\d)(?:[ .\-]?[a-h][dk]|[a-h][eg])k?(?!\w)
    """,
    re.VERBOSE,
)
"""Codes of the doctors' normal tariff: called so, or of its own shape (2ad, 11 dd)."""


# ---------------------------------------------------------------- words


def _pattern(word: str) -> str:
    return re.escape(word).replace(r"\ ", r"[ \-]+").replace(r"\*", r"\w*")


_TOPICS: Final[tuple[tuple[Topic, re.Pattern[str]], ...]] = tuple(
    (topic, re.compile(r"(?<!\w)(?:" + "|".join(map(_pattern, (*nb, *en))) + r")(?!\w)"))
    for topic, nb, en in STOP_WORDS
)


def _topic_of(folded: str) -> Topic | None:
    for topic, words in _TOPICS:
        if words.search(folded):
            return topic
    return None
