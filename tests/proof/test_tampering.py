"""Whatever the database's owner does to a book is found, where it was done; and nothing else is.

``make tamper`` runs this with 2,000 tamperings and 200 untouched books.
"""

import os
import random
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.application.ledger import Ledger
from ledger.log.engine import connect
from ledger.projections.engine import Projector
from ledger.projections.verification import verify
from ledger.proof.checkpoints import anchors_of, make_checkpoint
from ledger.proof.signer import Signer
from tests.conftest import Databases
from tests.orders import TODAY, fill
from tests.tampering import Victim, without_triggers

pytestmark = pytest.mark.database

TAMPERINGS = int(os.environ.get("CASELEDGER_TAMPERINGS", "66"))
SEED = int(os.environ.get("CASELEDGER_TAMPER_SEED", "2026"))
TAMPERINGS_PER_BOOK = 33
UNTOUCHED = max(5, TAMPERINGS // 10)


def test_every_tampering_is_found_where_it_was_done(databases: Databases, tmp_path: Path) -> None:
    seen: Counter[str] = Counter()
    for number in range(-(-TAMPERINGS // TAMPERINGS_PER_BOOK)):
        rng = random.Random(SEED + number)
        with databases.fresh() as url:
            owner = connect(url, role=None)
            victim = Victim(owner, tmp_path / str(number), "book", rng)
            without_triggers(owner)
            for _ in range(min(TAMPERINGS_PER_BOOK, TAMPERINGS - sum(seen.values()))):
                with victim.tampered() as done:
                    found = victim.verified()
                seen[done.what] += 1
                assert not found.ok, (SEED + number, done)
                assert found.first is not None
                if done.at_most is None:
                    assert found.first.position == done.position, (done, found.listed[:5])
                else:
                    assert found.first.position is not None, (done, found.listed[:5])
                    assert done.position is not None
                    assert done.position <= found.first.position <= done.at_most, (done, found)
            assert victim.verified().ok, "it was put back"
            owner.dispose()
    assert sum(seen.values()) == TAMPERINGS
    print(f"\n{TAMPERINGS} tamperings of {len(seen)} kinds found, each where it was done:")
    for what, times in sorted(seen.items()):
        print(f"  {times:5}  {what}")


def test_untouched_books_raise_no_alarm(engine: Engine, tmp_path: Path) -> None:
    rng = random.Random(SEED)
    events = 0
    for number in range(UNTOUCHED):
        book = f"book-{number}"
        signer = Signer(tmp_path, "example.org/ledger")
        ledger = Ledger(engine, book, today=lambda: TODAY)
        ledger.recorder.create_book("NOK")
        for stage in range(rng.randint(0, 4)):
            fill(ledger, rng.choice([1, 2, 7, 30, 60]), first=1 + 100 * stage)
            if rng.random() < 0.7:
                make_checkpoint(engine, book, signer)
        Projector(engine).catch_up(book)
        keys = signer.keys(book)
        anchors = anchors_of(signer.history(book), keys, "the signer")
        found = verify(engine, book, anchors=anchors, keys=keys)
        assert found.ok, (book, found.listed)
        assert found.checkpoints == 2 * len(anchors)
        events += found.events
    print(f"\n0 alarms on {UNTOUCHED} untouched books with {events} events")
