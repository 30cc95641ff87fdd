"""Requests by the thousand, made up from the OpenAPI document, as each role: `make fuzz`.

A small round of it runs with the tests (tests/api/test_fuzz.py).
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, get_args

from fastapi import FastAPI

from api.app import create_app
from api.limits import Rates
from ledger.access.callers import Role
from ledger.application.ledger import Ledger
from ledger.log.engine import connect
from ledger.people.keys import KeyFile
from ledger.projections.follower import following
from ledger.proof.signer import Signer
from tests.api.conftest import ISSUER, bearer
from tests.orders import TODAY, fill

ROLES: Final[tuple[Role, ...]] = get_args(Role)
CASES_WANTED: Final = 20_000

SETTINGS: Final = """
[dictionaries.books]
values = ["book"]
[dictionaries.cases]
values = ["case-1", "case-2", "case-3", "case-4", "case-5", "case-6", "case-7"]
[dictionaries.versions]
values = ["*", '"v4"']
[parameters]
"path.book" = { dictionary = "books", probability = 0.9 }
"path.case" = { dictionary = "cases", probability = 0.7 }
"header.If-Match" = { dictionary = "versions", probability = 0.7 }
# Answers that a body or parameter may get that keeps to the document: the ledger's own reasons.
[checks.positive_data_acceptance]
expected-statuses = ["2xx", 304, 400, 401, 403, 404, 409, 412, 413, 422, 428]
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 409, 412, 413, 422, 428]
[checks.missing_required_header]
expected-statuses = [400, 401, 403, 404, 422, 428]
"""


@contextmanager
def book(url: str) -> Iterator[FastAPI]:
    """The API on a database with a book of a few cases, whose read models are kept up."""
    ledger = Ledger(connect(url), "book")
    ledger.recorder.create_book("NOK")
    fill(ledger, 40, first=1)
    with tempfile.TemporaryDirectory() as folder, following(url, ["book"]):
        # With a signer and keys: without them, evidence and people are answered 503, and rightly.
        keys = KeyFile(Path(folder) / "keys" / "people.json")
        keys.make(TODAY)
        signer = Signer(Path(folder), "example.org/ledger")
        app = create_app(url, ISSUER.tokens(), signer, keys)
        app.state.doorkeeper.rates = Rates("1000000/second", "1000000/second")
        app.openapi()  # made once; whoever asks first would wait longer than schemathesis does
        yield app
    ledger.engine.dispose()


def fuzz(
    address: str, role: Role, examples: int, phases: str = "examples,coverage,fuzzing"
) -> "subprocess.CompletedProcess[str]":
    """Have each operation tried with this many made-up requests and all checks on."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "schemathesis.toml"
        settings.write_text(SETTINGS)
        return subprocess.run(
            [
                sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings),
                "run", f"{address}/openapi.json",
                "--header", f"Authorization: {bearer(role)}",
                "--max-examples", str(examples),
                "--seed", "17",
                "--mode", "all",
                "--phases", phases,
                "--request-timeout", "60",
                "--exclude-operation-id", "feed.stream",
                "--generation-database", "none",
                "--no-color",
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
        )  # fmt: skip
