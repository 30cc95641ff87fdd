"""Where the command's vault is: its role, its keys and the list of what was erased."""

import getpass
import os
import re

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError, ProgrammingError

from ledger.application.ledger import Ledger, oslo_today
from ledger.cli.database import home
from ledger.cli.exits import Exit, Failed
from ledger.domain.personal import Reader
from ledger.domain.refusals import Refusal
from ledger.log.engine import connect
from ledger.people.erasure import outstanding
from ledger.people.erasure_list import ErasureList, ErasureListDamaged, erasure_list
from ledger.people.keys import KEY_SERVICE, KEYS, KeyService, find_keys, key_file
from ledger.people.schema import VAULT_ROLE
from ledger.people.vault import Vault
from ledger.wording.refusals import refusal_text


def vault_engine(url: str) -> Engine:
    """Connections as the vault's own role. Raises ``Failed`` if the login may not take it."""
    engine = connect(url, role=VAULT_ROLE)
    try:
        engine.connect().close()
    except (OperationalError, ProgrammingError) as error:
        engine.dispose()
        if VAULT_ROLE not in str(error.orig):
            raise
        message = (
            f"the login {engine.url.username!r} may not open the vault; as the tables' owner, run"
            f" GRANT {VAULT_ROLE} TO {engine.url.username}"
        )
        raise Failed(message, Exit.DATABASE) from error
    return engine


def open_vault(url: str, ledger: Ledger) -> Vault:
    """The vault of a book. Raises ``NoKeys``."""
    return Vault(vault_engine(url), ledger.book, people_keys())


def people_keys() -> KeyService:
    """The key service that the settings name; a key file is made. Raises ``NoKeys``."""
    return find_keys(home(), os.environ, oslo_today())


def present_generation() -> str | None:
    """The generation of the key in use; ``None`` if there is no key yet. Raises ``NoKeys``."""
    elsewhere = os.environ.get(KEYS) or os.environ.get(KEY_SERVICE)
    if not elsewhere and not key_file(home(), os.environ).path.exists():
        return None
    return people_keys().generation


def kept_outside() -> ErasureList:
    """The list of what was erased."""
    return erasure_list(home(), os.environ)


def erasures_to_replay(url: str) -> int:
    """How many erasures the database has forgotten: it was restored from a backup, no doubt.

    Raises ``Failed`` if the list can't be read.
    """
    listed = kept_outside()
    if not listed.path.exists():
        return 0
    engine = vault_engine(url)
    try:
        return len(outstanding(engine, listed))
    except ErasureListDamaged as error:
        raise Failed(str(error)) from error
    finally:
        engine.dispose()


def check_erasures(url: str) -> None:
    """Raise ``Failed`` rather than serve what somebody had erased."""
    count = erasures_to_replay(url)
    if count:
        raise Failed(
            f"{count} erasures are not in the database, which was restored from a backup;"
            " run `caseledger people replay-erasures`"
        )


def operator(cleared: bool = False) -> Reader:
    """Whoever runs the command."""
    login = re.sub(r"[^A-Za-z0-9._-]", "_", getpass.getuser())
    return Reader(f"operator:{login}", cleared)


def failed(refusal: Refusal) -> Failed:
    """A refusal as the end of the command."""
    code = Exit.USAGE if refusal.code == "unknown_subject" else Exit.FAILURE
    return Failed(refusal_text(refusal, "en"), code)
