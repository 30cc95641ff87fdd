"""Requests made up from the OpenAPI document: no 5xx, and no answer that is not in it.

A small round; `make fuzz` makes it a large one, as each role.
"""

import os
import re
from typing import Final

import pytest

from ledger.access.callers import Role
from tests.api.fuzz import ROLES, book, fuzz
from tests.api.server import listening

pytestmark = pytest.mark.database

EXAMPLES: Final = int(os.environ.get("CASELEDGER_TEST_EXAMPLES", "0"))
"""Of each operation as each role; 0: a few, as one role."""


@pytest.mark.parametrize("role", ROLES if EXAMPLES else ("senior",))
def test_made_up_requests(database_url: str, role: Role) -> None:
    with book(database_url) as app, listening(app) as address:
        if EXAMPLES:
            ended = fuzz(address, role, EXAMPLES)
        else:
            ended = fuzz(address, role, 1, "examples,fuzzing")
    print(ended.stdout[-6_000:])
    assert ended.returncode == 0, ended.stderr[-2_000:]
    generated = re.search(r"(\d+) generated", ended.stdout)
    assert generated is not None
    assert int(generated[1]) > (EXAMPLES or 1) * 30
