"""The tables that ship, and copies of them to spoil."""

from pathlib import Path
from shutil import copytree

import pytest

from ledger.domain.rates import Rates
from ledger.rules import load

SHIPPED = Path(__file__).parents[2] / "ledger" / "rules" / "tables"


@pytest.fixture(scope="session")
def rates() -> Rates:
    """The tables that ship with the program."""
    return load()


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """A copy of the shipped tables."""
    return Path(copytree(SHIPPED, tmp_path / "tables"))
