"""A book's log as monitors see it, and evidence by the API: checked by programs of others."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from ledger.application.ledger import Ledger
from ledger.log.merkle import Growth, leaf_hash, split_hashes
from ledger.proof.checkpoints import make_checkpoint
from ledger.proof.notes import Checkpoint, Note, verified_checkpoint
from ledger.proof.signer import Signer
from ledger.proof.tiles import paths, unbundle
from tests.api.conftest import ISSUER, bearer
from tests.orders import fill
from tests.proof.test_evidence import verifier

pytestmark = pytest.mark.database

LOG = "/v1/books/book/log"


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer(tmp_path / "signer", "example.org/ledger")


@pytest.fixture
def client(database_url: str, ledger: Ledger, signer: Signer) -> Iterator[TestClient]:
    app = create_app(database_url, ISSUER.tokens(), signer)
    with TestClient(app, raise_server_exceptions=False) as client:
        client.headers["Authorization"] = bearer("auditor")
        yield client


def code(answer: Any) -> str:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    found: str = answer.json()["code"]
    return found


def test_a_monitor_reads_the_log_and_comes_to_its_root(
    client: TestClient, ledger: Ledger, signer: Signer
) -> None:
    """Every tile and bundle of the checkpoint's size, against each other and its signed root."""
    for first in (1, 200, 400):
        fill(ledger, 50, first=first)
        made = make_checkpoint(ledger.engine, ledger.book, signer)
    fill(ledger, 3, first=900)
    answer = client.get(f"{LOG}/checkpoint")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text == str(made.note)
    seen = verified_checkpoint(Note.parse(answer.content), signer.keys("book"))
    served = {path: client.get(f"{LOG}/{path}") for path in paths(seen.size)}
    assert {answer.status_code for answer in served.values()} == {200}
    growth = Growth()
    for path, bundle in served.items():
        if path.startswith("tile/entries/"):
            for leaf in unbundle(bundle.content):
                assert leaf.startswith(b"caseledger/1\nbook\n%d\n" % (growth.size + 1))
                growth.append(leaf_hash(leaf))
    assert (growth.size, growth.root()) == (seen.size, seen.root)
    hashes: dict[int, bytes] = {}
    for path, tile in served.items():
        level = path.split("/")[1]
        if level != "entries":
            hashes[int(level)] = hashes.get(int(level), b"") + tile.content
            assert "immutable" in tile.headers["cache-control"]
    gained: dict[int, bytes] = {}
    for piece in growth.take():
        gained[piece.level] = gained.get(piece.level, b"") + piece.hashes
    assert hashes == gained
    assert len(split_hashes(hashes[1])) == seen.size // 256 > 2


def test_only_what_a_checkpoint_covers_is_served(
    client: TestClient, ledger: Ledger, signer: Signer
) -> None:
    assert code(client.get(f"{LOG}/checkpoint")) == "no_checkpoint"
    fill(ledger, 60)
    assert code(client.get(f"{LOG}/tile/0/000")) == "no_such_tile"
    size = make_checkpoint(ledger.engine, ledger.book, signer).size
    assert client.get(f"{LOG}/tile/0/001.p/{size - 256}").status_code == 200
    assert (
        client.get(f"{LOG}/tile/0/000.p/7").content
        == (client.get(f"{LOG}/tile/0/000").content[: 7 * 32])
    )
    for path in (
        f"tile/0/001.p/{size - 255}",
        "tile/0/001",
        "tile/0/002.p/1",
        "tile/1/000.p/2",
        "tile/2/000.p/1",
        "tile/0/0",
        "tile/0/x001/x234/x567/x890/x123/456",
        "tile/entries/001",
        "tile/entries/nothing",
    ):
        answer = client.get(f"{LOG}/{path}")
        assert (answer.status_code, code(answer)) == (404, "no_such_tile"), path
    assert client.get(f"{LOG}/tile/99/000").status_code == 422
    assert code(client.get("/v1/books/nobook/log/checkpoint")) == "book_not_found"


def test_evidence(client: TestClient, ledger: Ledger, signer: Signer) -> None:
    fill(ledger, 4)
    answer = client.get("/v1/books/book/cases/case-3/evidence")
    assert answer.status_code == 200
    keys = [verifier.parse_key(str(key)) for key in signer.keys("book")]
    assert verifier.verify(answer.content, keys)
    note = Note.parse(answer.json()["checkpoint"])
    assert Checkpoint.parse(note.text).size == ledger.recorder.head().position
    page = client.get("/v1/books/book/cases/case-3/evidence", params={"format": "html"})
    assert page.headers["content-type"].startswith("text/html")
    assert "Evidence of case case-3" in page.text
    assert code(client.get("/v1/books/book/cases/none/evidence")) == "case_not_found"
    unknown = "/v1/books/book/cases/00000000-0000-4000-8000-000000000000/evidence"
    assert code(client.get(unknown)) == "case_not_found"


def test_without_a_signer(database_url: str, ledger: Ledger) -> None:
    fill(ledger, 1)
    with TestClient(create_app(database_url, ISSUER.tokens())) as client:
        client.headers["Authorization"] = bearer("auditor")
        answer = client.get("/v1/books/book/cases/case-1/evidence")
        assert (answer.status_code, code(answer)) == (503, "no_signer")


def test_a_log_that_does_not_continue(client: TestClient, ledger: Ledger, signer: Signer) -> None:
    """As after a restored backup: the signer has seen more than there is."""
    from ledger.proof.signer import Observed

    fill(ledger, 4)
    signer.sign("book", lambda: Observed(1_000, b"r" * 32, True), lambda old, new: [])
    answer = client.get("/v1/books/book/cases/case-3/evidence")
    assert (answer.status_code, code(answer)) == (409, "log_does_not_continue")
    assert base64.b64encode(b"r" * 32).decode() in str(signer.last("book"))
