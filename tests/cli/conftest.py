"""One home for each module, with its server running all along."""

from collections.abc import Iterator

import pytest

from tests.cli.command import Caseledger, installed


@pytest.fixture(scope="module")
def caseledger() -> Iterator[Caseledger]:
    """The program with a home of the module's own; `stop` ends all of it."""
    with installed() as program:
        program.run("start")
        yield program
