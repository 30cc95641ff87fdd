"""A witness of another party: its protocol, its refusals and its memory."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn
from starlette.testclient import TestClient

from ledger.application.ledger import Ledger
from ledger.cli.listening import tcp_socket
from ledger.log.errors import LogError
from ledger.log.merkle import EMPTY_ROOT
from ledger.proof.checkpoints import latest, make_checkpoint
from ledger.proof.keys import COSIGNATURE, SigningKey
from ledger.proof.notes import Checkpoint, Note, parse_signatures
from ledger.proof.signer import Signer
from ledger.proof.witness import NotCosigned, Witness, request_body
from ledger.proof.witness_server import BODY_BYTES_MAX, create_app
from ledger.proof.witnesses import RemoteWitness, register, registered
from tests.orders import fill
from tests.proof.test_signer import Log

ORIGIN = "example.org/ledger/book"
LOG_KEY = SigningKey(ORIGIN, 1, b"k" * 32)
AT = datetime(2026, 3, 2, 10, 0, 0, tzinfo=UTC)


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    """Knows one log, and has seen nothing of it."""
    Witness.create(tmp_path / "witness", "witness.example/w1")
    found = Witness(tmp_path / "witness", lambda: AT)
    found.trust(LOG_KEY.verifier)
    return found


def note(log: Log, key: SigningKey = LOG_KEY, origin: str = ORIGIN) -> Note:
    return Note(str(Checkpoint(origin, log.size, log.root()))).signed(key)


def body(log: Log, old: int) -> bytes:
    return request_body(old, log.prove(old, log.size) if old <= log.size else [], note(log))


def refused(witness: Witness, request: bytes) -> tuple[int, str]:
    with pytest.raises(NotCosigned) as raised:
        witness.add_checkpoint(request)
    return raised.value.status, raised.value.body


def test_it_cosigns_what_continues(witness: Witness) -> None:
    old = 0
    for size in (0, 1, 10, 10, 700):
        line = witness.add_checkpoint(body(Log(size), old))
        (signature,) = parse_signatures([line.removesuffix("\n")])
        cosigned = note(Log(size))._replace(signatures=(signature,))
        (verified,) = cosigned.verified([witness.key])
        assert (verified.key, verified.time) == (witness.key, AT)
        assert witness.key.kind == COSIGNATURE
        old = size


def test_it_answers_as_the_protocol_says(witness: Witness) -> None:
    witness.add_checkpoint(body(Log(10), 0))
    assert refused(witness, body(Log(20), 0)) == (409, "10\n")
    assert refused(witness, body(Log(20), 9)) == (409, "10\n")
    assert refused(witness, body(Log(20), 21))[0] == 400
    assert refused(witness, body(Log(9), 10))[0] == 400
    assert refused(witness, body(Log(9), 9)) == (409, "10\n")
    assert refused(witness, body(Log(20, changed=3), 10))[0] == 422
    assert refused(witness, body(Log(10, changed=3), 10))[0] == 422
    stranger = SigningKey(ORIGIN, 1, b"s" * 32)
    assert refused(witness, request_body(10, [], note(Log(10), stranger)))[0] == 403
    unknown = note(Log(10), SigningKey("example.org/x", 1, b"k" * 32), "example.org/x")
    assert refused(witness, request_body(0, [], unknown))[0] == 404
    assert witness.add_checkpoint(body(Log(20), 10))


def test_beginning_at_nothing(witness: Witness) -> None:
    proof = [EMPTY_ROOT]
    assert refused(witness, request_body(0, proof, note(Log(5))))[0] == 422
    false = Note(str(Checkpoint(ORIGIN, 0, Log(1).root()))).signed(LOG_KEY)
    assert refused(witness, request_body(0, [], false))[0] == 422


@pytest.mark.parametrize(
    "change",
    [
        lambda whole: b"",
        lambda whole: whole.replace(b"old 0", b"old 00"),
        lambda whole: whole.replace(b"old 0", b"old -1"),
        lambda whole: whole.replace(b"old 0", b"old  0"),
        lambda whole: whole.replace(b"old 0\n", b"old 0\nAAAA\n"),
        lambda whole: whole.replace(b"old 0\n", b"old 0\n" + b"A" * 43 + b"=\n" * 64),
        lambda whole: whole.replace(b"old 0\n", b"old 0\nno base64\n"),
        lambda whole: whole.replace(b"\n\n", b"\n"),
        lambda whole: whole[:-1],
        lambda whole: whole + b"\xff\n",
        lambda whole: b"\x00" + whole,
    ],
)
def test_requests_that_are_none(witness: Witness, change: object) -> None:
    assert callable(change)
    assert refused(witness, change(body(Log(5), 0)))[0] == 400


def test_it_remembers_before_it_answers(witness: Witness, tmp_path: Path) -> None:
    witness.add_checkpoint(body(Log(10), 0))
    again = Witness(tmp_path / "witness")
    assert refused(again, body(Log(5), 0)) == (409, "10\n")
    with pytest.raises(FileExistsError):
        Witness.create(tmp_path / "witness", "witness.example/w1")


def test_it_remembers_though_signing_fails(witness: Witness, tmp_path: Path) -> None:
    """What might have been cosigned counts as cosigned."""
    (tmp_path / "witness" / "key").rename(tmp_path / "key")
    with pytest.raises(FileNotFoundError):
        witness.add_checkpoint(body(Log(10), 0))
    (tmp_path / "key").rename(tmp_path / "witness" / "key")
    assert refused(witness, body(Log(5, changed=2), 0)) == (409, "10\n")


def test_a_rotated_key_of_the_log(witness: Witness) -> None:
    new = SigningKey(ORIGIN, 1, b"n" * 32)
    witness.add_checkpoint(body(Log(10), 0))
    request = request_body(10, Log(12).prove(10, 12), note(Log(12), new))
    assert refused(witness, request)[0] == 403
    witness.trust(new.verifier)
    assert witness.add_checkpoint(request)
    assert witness.add_checkpoint(body(Log(14), 12))


def test_many_at_once(witness: Witness) -> None:
    """Of checkpoints that all begin at nothing, one is cosigned: checking and keeping are one."""

    def submit(size: int) -> int:
        try:
            witness.add_checkpoint(body(Log(size), 0))
        except NotCosigned as refusal:
            return refusal.status
        return 200

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(submit, range(1, 33)))
    assert sorted(answers) == [200] + [409] * 31


def test_over_http(witness: Witness) -> None:
    with TestClient(create_app(witness)) as client:
        answer = client.post("/add-checkpoint", content=body(Log(10), 0))
        assert answer.status_code == 200
        assert answer.text.startswith("— witness.example/w1 ")
        conflict = client.post("/add-checkpoint", content=body(Log(10), 3))
        assert (conflict.status_code, conflict.text) == (409, "10\n")
        assert conflict.headers["content-type"] == "text/x.tlog.size"
        assert client.post("/add-checkpoint", content=b"x").status_code == 400
        long = b"x" * (BODY_BYTES_MAX + 1)
        assert client.post("/add-checkpoint", content=long).status_code == 413
        assert client.get("/add-checkpoint").status_code == 405


@contextmanager
def served(witness: Witness) -> Iterator[str]:
    """The witness on a port of this machine."""
    listener = tcp_socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(witness), log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@pytest.mark.database
def test_checkpoints_of_a_book_are_cosigned(ledger: Ledger, tmp_path: Path) -> None:
    signer = Signer(tmp_path / "signer", "example.org/ledger")
    fill(ledger, 3)
    make_checkpoint(ledger.engine, ledger.book, signer)
    witness = Witness.create(tmp_path / "witness", "witness.example/w1")
    with served(witness) as url:
        asked = [RemoteWitness(url, witness.key)]
        (unknown,) = make_checkpoint(ledger.engine, ledger.book, signer, asked).witnesses
        assert (unknown.signatures, unknown.problem is None) == ((), False)
        assert "404" in str(unknown.problem)
        for key in signer.keys(ledger.book):
            witness.trust(key)
        for first in (10, 20, 30):
            fill(ledger, 60, first=100 * first)
            made = make_checkpoint(ledger.engine, ledger.book, signer, asked)
            assert [answer.problem for answer in made.witnesses] == [None]
            assert [v.key for v in made.note.verified([witness.key])] == [witness.key]
            assert made.note.verified(signer.keys(ledger.book))
            with ledger.engine.connect() as connection:
                assert latest(connection, ledger.book) == made.note
    made = make_checkpoint(ledger.engine, ledger.book, signer, asked)
    (away,) = made.witnesses
    assert away.problem is not None
    assert made.note.verified(signer.keys(ledger.book))


def test_witnesses_are_registered(witness: Witness, tmp_path: Path) -> None:
    remote = RemoteWitness("https://witness.example/w1", witness.key)
    assert registered(tmp_path / "signer") == []
    for _ in range(2):
        register(tmp_path / "signer", remote)
    assert registered(tmp_path / "signer") == [remote]
    for url in ("witness.example", "ftp://witness.example", "https:///x", "https://a b"):
        with pytest.raises(LogError, match="no address"):
            register(tmp_path / "signer", remote._replace(url=url))
