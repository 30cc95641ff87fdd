"""Checkpoints by the clock."""

from functools import partial
from pathlib import Path

import pytest

from ledger.application.ledger import Ledger
from ledger.proof.checkpoints import kept
from ledger.proof.schedule import checkpointing
from ledger.proof.signer import Observed, Signer
from tests.orders import TODAY, fill
from tests.waiting import eventually

pytestmark = pytest.mark.database


def sizes(ledger: Ledger) -> list[int]:
    with ledger.engine.connect() as connection:
        return [size for size, _ in kept(connection, ledger.book)]


def has_checkpoint(ledger: Ledger, size: int) -> bool:
    return sizes(ledger)[-1:] == [size]


def test_books_that_have_grown(ledger: Ledger, database_url: str, tmp_path: Path) -> None:
    other = Ledger(ledger.engine, "other", today=lambda: TODAY)
    other.recorder.create_book("NOK")
    empty = Ledger(ledger.engine, "empty", today=lambda: TODAY)
    empty.recorder.create_book("NOK")
    told: list[str] = []
    signer = Signer(tmp_path, "example.org/ledger")
    with checkpointing(database_url, signer, lambda: [], told.append, 0.05):
        for first in (1, 100):
            for book in (ledger, other):
                fill(book, 2, first=first)
                end = book.recorder.head().position
                eventually(partial(has_checkpoint, book, end))
    assert len(sizes(ledger)) == 2
    assert sizes(empty) == []
    assert told == []


def test_a_refusal_is_told_and_harms_no_other_book(
    ledger: Ledger, database_url: str, tmp_path: Path
) -> None:
    other = Ledger(ledger.engine, "other", today=lambda: TODAY)
    other.recorder.create_book("NOK")
    signer = Signer(tmp_path, "example.org/ledger")
    signer.sign("book", lambda: Observed(1_000, b"r" * 32, True), lambda old, new: [])
    fill(ledger, 2)
    fill(other, 2)
    told: list[str] = []
    with checkpointing(database_url, signer, lambda: [], told.append, 0.05):
        eventually(lambda: sizes(other) == [other.recorder.head().position])
        eventually(lambda: len(told) > 1)
    assert all("no checkpoint of book book" in message for message in told)
    assert "backup was restored" in told[0]
    assert sizes(ledger) == []
