"""Notes as agents write them, made up from a seed: harmless ones, and ones that say too much."""

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Final, NamedTuple

from ledger.domain.identifiers import make_kid

NUMBER, CODE, WORD = "national identity number", "health code", "word"


class Generated(NamedTuple):
    """A note, what was planted in it (``None``: nothing), and how it was disguised."""

    text: str
    planted: str | None
    disguise: str | None


def generated(count: int, seed: int) -> Iterator[Generated]:
    """Notes, half of them with an identity number or a health code in some disguise."""
    chance = random.Random(seed)
    for number in range(count):
        text = harmless(chance)
        if number % 2:
            yield Generated(text, None, None)
            continue
        kind, plant = (NUMBER, identity_number(chance)) if number % 4 else (CODE, code(chance))
        disguise = chance.choice(sorted(DISGUISES))
        planted = DISGUISES[disguise](plant, chance)
        words = text.split(" ")
        at = chance.randrange(len(words) + 1)
        where = " ".join([*words[:at], planted, *words[at:]])
        yield Generated(where, kind, disguise)


# ---------------------------------------------------------------- what is planted

_FIRST: Final = (3, 7, 6, 1, 8, 9, 4, 5, 2)
_SECOND: Final = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


def identity_number(chance: random.Random) -> str:
    """Of each kind, under both rules."""
    while True:
        born = date(1930, 1, 1) + timedelta(chance.randrange(32_000))
        day, month = born.day, born.month
        kind = chance.randrange(8)
        remainder = chance.choice([0, 0, 0, 1, 2, 3]) if kind < 6 else 0
        if kind == 4:
            day += 40
        elif kind == 5:
            month += 80
        elif kind == 6:
            month += 40
        nine = f"{day:02}{month:02}{born:%y}{chance.randrange(1000):03}"
        if kind == 7:
            nine = f"{chance.choice('89')}{chance.randrange(10**8):08}"
        first = (remainder - _sum(nine, _FIRST)) % 11
        second = -_sum(f"{nine}{first}", _SECOND) % 11
        if first < 10 and second < 10:
            return f"{nine}{first}{second}"


def _sum(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def code(chance: random.Random) -> str:
    """ICD-10 with and without its decimal, and ICPC-2."""
    number = f"{chance.randrange(100):02}"
    if chance.random() < 0.4:
        return chance.choice("ABDFHKLNPRSTUWXYZ") + number
    letter = chance.choice("ABCDFGHIJKLMNOPQRSTZ")
    if chance.random() < 0.5:
        return letter + number
    return f"{letter}{number}.{chance.randrange(10)}"


# ---------------------------------------------------------------- how it is disguised

Disguise = Callable[[str, random.Random], str]
_CYRILLIC: Final = str.maketrans("ABCEHIKMOPSTXY", "АВСЕНІКМОРЅТХУ")  # noqa: RUF001
_FULL_WIDTH: Final = str.maketrans({chr(c): chr(c + 0xFEE0) for c in range(0x21, 0x7F)})


def _with(separators: list[str], everywhere: bool = False) -> Disguise:
    def disguise(plant: str, chance: random.Random) -> str:
        one = chance.choice(separators)
        cuts = range(1, len(plant))
        chosen = set(cuts if everywhere else chance.sample(cuts, chance.randint(1, 2)))
        if "." in plant:  # a code keeps its letter and decimal point together with something
            chosen = {1} if not everywhere else chosen
        return "".join(one * (i in chosen) + character for i, character in enumerate(plant))

    return disguise


def _letters_for_digits(plant: str, chance: random.Random) -> str:
    if len(plant) < 11:
        return plant.translate(_CYRILLIC)
    return plant.replace("0", chance.choice("Oo0")).replace("1", chance.choice("lI1"))


DISGUISES: Final[dict[str, Disguise]] = {
    "none": lambda plant, chance: plant,
    "lower case": lambda plant, chance: plant.lower(),
    "spaces": _with([" ", "  ", "\N{NO-BREAK SPACE}", "\N{THIN SPACE}"]),
    "dashes": _with(["-", "–", "—", "‑"]),  # noqa: RUF001
    "line breaks": _with(["\n", "\r\n", "\u2028"]),
    "spaced out": _with([" "], everywhere=True),
    "zero width": _with(["\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad"], everywhere=True),
    "full width": lambda plant, chance: plant.translate(_FULL_WIDTH),
    "other letters": _letters_for_digits,
    "in brackets": lambda plant, chance: f"({plant})",
    "after a colon": lambda plant, chance: f"pas:{plant}.",
}


# ---------------------------------------------------------------- what is harmless


def _day(chance: random.Random) -> str:
    day = date(2025, 1, 1) + timedelta(chance.randrange(700))
    return chance.choice(
        [f"{day:%d.%m.%Y}", f"{day.isoformat()}", f"{day:%d.%m.%y}", f"{day.day}. mai"]
    )


def _amount(chance: random.Random) -> str:
    ore = chance.randrange(10_00, 9_999_00)
    whole, rest = divmod(ore, 100)
    return chance.choice(
        [f"{whole},{rest:02} kr", f"kr {whole:,}".replace(",", " "), f"NOK {whole}.{rest:02}",
         f"{whole} kroner", f"kr {whole:,},-".replace(",", ".", 1)]
    )  # fmt: skip


def _phone(chance: random.Random) -> str:
    digits = f"{chance.choice('2345679')}{chance.randrange(10**7):07}"
    pairs = " ".join(digits[i : i + 2] for i in range(0, 8, 2))
    return chance.choice(
        [digits, pairs, f"+47 {pairs}", f"{digits[:3]} {digits[3:5]} {digits[5:]}"]
    )


def _account(chance: random.Random) -> str:
    while True:
        ten = f"{chance.randrange(10**10):010}"
        check = -_sum(ten, _SECOND) % 11
        if check < 10:
            return chance.choice(["konto {}", "kontonummer {}"]).format(
                f"{ten[:4]}.{ten[4:6]}.{ten[6:]}{check}"
            )


_FACTS: Final[dict[str, Callable[[random.Random], str]]] = {
    "day": _day,
    "amount": _amount,
    "phone": _phone,
    "account": _account,
    "kid": lambda c: "KID " + make_kid(f"{c.randrange(10 ** c.randint(6, 20)):06}"),
    "invoice": lambda c: c.choice(["faktura {}", "fakturanr. {}", "invoice {}"]).format(
        c.choice([f"{c.randrange(10**6):06}", f"2026-{c.randrange(10**4):04}",
                  f"{c.choice('ABCF')}{c.randrange(10**5)}"])
    ),
    "case": lambda c: f"sak {c.randrange(10**6)}-{c.randrange(9) + 1}",
    "post": lambda c: f"{c.randrange(10**4):04} {c.choice(['Oslo', 'Bergen', 'Tromsø', 'Vadsø'])}",
    "house": lambda c: f"Storgata {c.randrange(1, 200)} {c.choice('ABC')}",
    "flat": lambda c: f"H0{c.randrange(1, 9)}0{c.randrange(1, 9)}",
    "clock": lambda c: f"kl. {c.randrange(8, 21):02}{c.choice('.:')}{c.randrange(60):02}",
    "days": lambda c: f"{c.randrange(1, 60)} dager",
    "road": lambda c: f"E{c.choice([18, 39])}",
    "organisation": lambda c: f"org.nr {c.choice(['974760673', '974 760 673'])}",
}  # fmt: skip

_SENTENCES: Final = (
    "Ringte {day} {clock}, avtalt utsettelse i {days}.",
    "Ønsker delbetaling, {amount} nå og {amount} {day}.",
    "Sier at {invoice} ble betalt {day} med {kid}.",
    "Ny adresse: {house}, {post}.",
    "Bor i {flat}, {house}.",
    "Ring tilbake på {phone} etter {clock}.",
    "Har to numre, {phone} og {phone}.",
    "Betalte {amount} fra {account} i stedet for {amount}.",
    "Ba om ny giro for {case}, beløp {amount}, forfall {day}.",
    "Mener at frikort dekker egenandelen; venter på svar fra klinikken.",
    "Terminalen viste 0,00 {clock}, belastet {amount} {day}.",
    "Bor ved {road} og får ikke post; bruk e-post.",
    "Arbeidsgiver ({organisation}) betaler, ref. {invoice}.",
    "I {days} fra {day} sendes ingen purring.",
    "Fikk brevet {day}, forstår ikke gebyret på {amount}.",
    "The patient called on {day} and will pay {amount} in {days}.",
    "Wants {invoice} by e-mail, says the clinic credited {amount} on {day}.",
    "Paid {amount} with {kid} on {day}; asks where the rest went.",
    "Legevakten bekrefter konsultasjon {day}, beløp {amount}.",
    "Ektefellen ringte, har ikke fullmakt. Skjema sendt {day}.",
)


def harmless(chance: random.Random) -> str:
    """A note of one to three sentences without anything that it may not hold."""
    sentences = chance.choices(_SENTENCES, k=chance.randint(1, 3))
    return " ".join(_filled(sentence, chance) for sentence in sentences)


def _filled(sentence: str, chance: random.Random) -> str:
    parts = sentence.split("{")
    text = parts[0]
    for part in parts[1:]:
        name, rest = part.split("}", 1)
        text += _FACTS[name](chance) + rest
    return text
