"""A vault with a key file and an erasure list of its own, beside the book of ``ledger``."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.application.ledger import Ledger
from ledger.log.engine import connect
from ledger.people.erasure_list import ErasureList
from ledger.people.keys import KeyFile
from ledger.people.schema import VAULT_ROLE
from ledger.people.vault import Vault
from tests.orders import TODAY


@pytest.fixture
def vault_engine(database_url: str) -> Iterator[Engine]:
    """Connections as the vault's own role."""
    engine = connect(database_url, role=VAULT_ROLE)
    yield engine
    engine.dispose()


@pytest.fixture
def keys(tmp_path: Path) -> KeyFile:
    """A key file with one generation."""
    file = KeyFile(tmp_path / "keys" / "people.json")
    file.make(TODAY)
    return file


@pytest.fixture
def vault(vault_engine: Engine, ledger: Ledger, keys: KeyFile) -> Vault:
    """The vault of the book of ``ledger``."""
    return Vault(vault_engine, ledger.book, keys)


@pytest.fixture
def listed(tmp_path: Path) -> ErasureList:
    """An erasure list that is not there yet."""
    return ErasureList(tmp_path / "outside" / "erasures.jsonl")
