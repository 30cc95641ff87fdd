"""Who is looked for is found however the number is written, and nothing can be guessed."""

from datetime import date

import pytest

from ledger.people.search import SearchKeys, normal_name, normal_phone

KEYS = SearchKeys("book", b"r" * 32)


@pytest.mark.parametrize(
    "phone", ["22334455", "22 33 44 55", "+47 22 33 44 55", "0047 22334455", "(22) 33-44-55"]
)
def test_phones_are_the_same_however_written(phone: str) -> None:
    assert normal_phone(phone) == "+4722334455"
    assert KEYS.phone(phone) == KEYS.phone("22334455")


def test_other_countries_stay_what_they_are() -> None:
    assert normal_phone("+46 8 123 456 78") == "+46812345678"


def test_numbers_are_the_same_however_written() -> None:
    assert KEYS.number("301082 99920") == KEYS.number("30108299920")
    assert KEYS.number("30108299920") != KEYS.number("02013299997")
    assert KEYS.number("no number") == KEYS.number(" no number ")


def test_names_need_their_birth_date() -> None:
    born = date(1982, 10, 30)
    found = KEYS.name_and_birth_date("Generert  Testperson", born)
    assert KEYS.name_and_birth_date("generert TESTPERSON ", born) == found
    assert KEYS.name_and_birth_date("Generert-Testperson", born) == found
    assert KEYS.name_and_birth_date("Generert Testperson", date(1982, 10, 31)) != found


@pytest.mark.parametrize(
    "name",
    [
        "Åse Generert O'Testperson",
        "A\u030ase Generert O’Testperson",
        "O'TESTPERSON,  Åse Generert",
        "o\u2019testperson ,åse generert",
        "Åse　Generert\u00a0O-Testperson",
    ],
)
def test_names_are_the_same_however_written(name: str) -> None:
    assert normal_name(name) == "åse generert o testperson"


def test_a_registration_gives_nothing_away() -> None:
    subject = KEYS.registered_as("agent:1", "30108299920")
    assert subject.version == 4
    assert KEYS.registered_as("agent:1", "30108299920") == subject
    others = {
        KEYS.registered_as("agent:2", "30108299920"),
        SearchKeys("other", b"r" * 32).registered_as("agent:1", "30108299920"),
        SearchKeys("book", b"s" * 32).registered_as("agent:1", "30108299920"),
    }
    assert len({subject, *others}) == 4


def test_each_book_and_kind_has_a_key_of_its_own() -> None:
    text = "22334455"
    digests = {
        SearchKeys("book", b"r" * 32).phone(text)[1],
        SearchKeys("other", b"r" * 32).phone(text)[1],
        SearchKeys("book", b"s" * 32).phone(text)[1],
        SearchKeys("book", b"r" * 32).number("+4722334455")[1],
    }
    assert len(digests) == 4
