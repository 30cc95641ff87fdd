"""The vaults of the books, and why a caller looks into one."""

from threading import Lock
from typing import Annotated, Final

from fastapi import Depends, Header, Request
from sqlalchemy import Engine

from api.access import Doorkeeper
from api.books import InBook
from api.problems import Rejected
from ledger.access.callers import Caller
from ledger.access.purposes import PURPOSES
from ledger.domain.personal import Purpose
from ledger.people.case_notes import VaultTexts
from ledger.people.keys import KeyService
from ledger.people.vault import Vault


class Vaults:
    """One vault for each book, made when it is first asked for. Without keys there is none."""

    def __init__(self, engine: Engine, keys: KeyService | None) -> None:
        self.engine = engine
        self._keys = keys
        self._vaults: dict[str, Vault] = {}
        self._lock = Lock()

    def vault(self, book: str) -> Vault:
        """The vault of a book that exists. Raises ``Rejected``."""
        if self._keys is None:
            raise Rejected("vault_closed")
        with self._lock:
            return self._vaults.setdefault(book, Vault(self.engine, book, self._keys))

    def texts(self, book: str) -> VaultTexts:
        """What keeps the texts of a book's notes."""
        return VaultTexts(lambda: self.vault(book))


def vault_of(request: Request, view: InBook) -> Vault:
    """Dependency: the vault of the book that the path names."""
    vaults: Vaults = request.app.state.vaults
    return vaults.vault(view.book)


def looking(request: Request, view: InBook) -> None:
    """Dependency: count a look at personal data. Raises ``Rejected`` when there were too many."""
    door: Doorkeeper = request.app.state.doorkeeper
    door.rates.count_look(view.caller)


def purpose_of(
    view: InBook,
    purpose: Annotated[
        Purpose,
        Header(
            alias="Ledger-Purpose",
            description="Why the caller looks at personal data. It is recorded, and the person may"
            " ask who looked and why.",
        ),
    ],
) -> Purpose:
    """Dependency: why the caller looks, if that is something his role does."""
    return permitted(view.caller, purpose)


def permitted(caller: Caller, purpose: Purpose) -> Purpose:
    """The purpose, if the caller's role looks for it. Raises ``Rejected``."""
    possible = PURPOSES[caller.role]
    if purpose not in possible:
        raise Rejected(
            "purpose_not_permitted",
            role=caller.role,
            purpose=purpose,
            possible=", ".join(sorted(possible)) or "–",
        )
    return purpose


InVault = Annotated[Vault, Depends(vault_of)]
Looking: Final = Depends(looking)
For = Annotated[Purpose, Depends(purpose_of)]
