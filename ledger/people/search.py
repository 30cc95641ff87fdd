"""Blind indexes: exact search for what is encrypted.

Each is an HMAC under a key of its own, so that a number can be looked up by whoever has the key
and can't be guessed by whoever has the table. There is none for addresses: a search that can't
hit can't give a protected one away.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Final, Literal, get_args
from uuid import UUID

import msgspec

from ledger.domain import national_identity
from ledger.domain.personal import Person, Retention
from ledger.people.sealing import derived, digest

SearchKind = Literal["national_identity_number", "phone", "name_and_birth_date"]
SEARCH_KINDS: Final[tuple[SearchKind, ...]] = get_args(SearchKind)
_RETENTION_OF: Final[dict[SearchKind, Retention]] = {
    "national_identity_number": "identity",
    "phone": "contact",
    "name_and_birth_date": "identity",
}
REGISTRATION: Final = "registration"
"""The kind of an entry that tells whether a registration was the same; nothing is found by it."""
_NOT_IN_A_NAME: Final = re.compile(r"[\W_]+")
_NOT_DIALLED: Final = re.compile(r"[^\d+]")
NORWAY: Final = "+47"
"""Numbers of eight digits without a country are Norwegian."""


def normal_phone(phone: str) -> str:
    """``+4722334455``, however it was written."""
    dialled = _NOT_DIALLED.sub("", unicodedata.normalize("NFKC", phone))
    if dialled.startswith("00"):
        dialled = "+" + dialled[2:]
    return NORWAY + dialled if len(dialled) == 8 and dialled.isdigit() else dialled


def normal_name(name: str) -> str:
    """Lower case, single spaces, no punctuation; ``Surname, First`` as ``First Surname``."""
    last, _, first = unicodedata.normalize("NFKC", name).partition(",")
    return _NOT_IN_A_NAME.sub(" ", f"{first} {last}".casefold()).strip()


def normal_number(number: str) -> str:
    """Eleven digits, or what was given if it is no national identity number."""
    found = national_identity.parse(number)
    return number.strip() if found is None else found.number


class SearchKeys:
    """The keys of one book's blind indexes, derived from its own root key."""

    def __init__(self, book: str, root: bytes) -> None:
        self._keys = {kind: derived(root, f"people|{book}|{kind}|1") for kind in SEARCH_KINDS}
        self._of_registrations = {
            part: derived(root, f"people|{book}|registration {part}|1")
            for part in ("id", "content")
        }

    def number(self, number: str) -> tuple[SearchKind, bytes]:
        """For a national identity number."""
        return self._entry("national_identity_number", normal_number(number))

    def phone(self, phone: str) -> tuple[SearchKind, bytes]:
        """For a phone number."""
        return self._entry("phone", normal_phone(phone))

    def name_and_birth_date(self, name: str, born: date) -> tuple[SearchKind, bytes]:
        """For a name with a date of birth: neither alone tells people apart."""
        return self._entry("name_and_birth_date", f"{normal_name(name)}|{born.isoformat()}")

    def registered_as(self, registrar: str, key: str) -> UUID:
        """The subject that a registrar takes in under a key of his own, however often he does.

        Nothing can be guessed from it, not even by who knows the key that was used.
        """
        made = digest(self._of_registrations["id"], f"{registrar}\n{key}")
        return UUID(bytes=made[:16], version=4)

    def content(self, person: Person) -> bytes:
        """What tells a registration that is sent again from another under the same key."""
        return digest(self._of_registrations["content"], msgspec.json.encode(person).decode())

    def of(self, person: Person) -> Iterator[tuple[SearchKind, bytes, Retention]]:
        """All entries under which a person is found, with what they go together with."""
        found = []
        if person.national_identity_number is not None:
            found.append(self.number(person.national_identity_number))
        if person.phone is not None:
            found.append(self.phone(person.phone))
        if person.name is not None and person.birth_date is not None:
            found.append(self.name_and_birth_date(person.name, person.birth_date))
        for kind, entry in found:
            yield kind, entry, _RETENTION_OF[kind]

    def _entry(self, kind: SearchKind, text: str) -> tuple[SearchKind, bytes]:
        return kind, digest(self._keys[kind], text)
