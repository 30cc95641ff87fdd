"""Timestamps of checkpoints, by an authority that OpenSSL plays."""

import shutil
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.x509 import Certificate

from ledger.log.merkle import EMPTY_ROOT
from ledger.proof.keys import SigningKey
from ledger.proof.notes import Checkpoint, Note
from ledger.proof.timestamps import NotStamped, read_roots, stamp, stamped_at

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")

NOTE = Note(str(Checkpoint("example.org/log", 0, EMPTY_ROOT))).signed(
    SigningKey("example.org/log", 1, b"k" * 32)
)
CONFIG = """
[req]
distinguished_name = name
prompt = no
[name]
CN = test authority
[ca]
basicConstraints = critical, CA:true
[tsa]
basicConstraints = CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[ts]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""


class Authority:
    """Answers queries, unless it is told to answer something else."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.status = 200
        self.answer: bytes | None = None
        (folder / "config").write_text(CONFIG.format(folder=folder))
        (folder / "serial").write_text("01\n")
        request = ("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        named = ("-config", "config", "-keyout")
        self.openssl(*request, *named, "ca.key", "-x509", "-extensions", "ca", "-out", "ca.pem")
        self.openssl(*request, *named, "tsa.key", "-out", "tsa.csr")
        self.openssl(
            "x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-extfile", "config", "-extensions", "tsa", "-out", "tsa.pem",
        )  # fmt: skip

    @property
    def roots(self) -> list[Certificate]:
        return read_roots((self._folder / "ca.pem").read_bytes())

    def openssl(self, *arguments: str) -> str:
        command = ["openssl", *arguments]
        ended = subprocess.run(
            command, cwd=self._folder, capture_output=True, encoding="utf-8", check=False
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def reply(self, query: bytes) -> bytes:
        (self._folder / "query").write_bytes(query)
        self.openssl(
            "ts", "-reply", "-config", "config", "-section", "ts", "-queryfile", "query",
            "-out", "reply",
        )  # fmt: skip
        return (self._folder / "reply").read_bytes()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def url(authority: Authority) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Type"] == "application/timestamp-query"
            answer = authority.answer or authority.reply(query)
            self.send_response(authority.status)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *arguments: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/tsa"
    server.shutdown()
    thread.join()
    server.server_close()
    authority.status, authority.answer = 200, None


def test_a_timestamp_that_others_can_check(authority: Authority, url: str, tmp_path: Path) -> None:
    response, at = stamp(NOTE, url, authority.roots)
    assert abs(at - datetime.now(UTC)) < timedelta(minutes=1)
    assert stamped_at(NOTE, response, authority.roots) == at
    (tmp_path / "note").write_text(str(NOTE), encoding="utf-8")
    (tmp_path / "tsr").write_bytes(response)
    authority.openssl(
        "ts", "-verify", "-in", str(tmp_path / "tsr"), "-data", str(tmp_path / "note"),
        "-CAfile", "ca.pem",
    )  # fmt: skip


def test_a_timestamp_of_something_else(authority: Authority, url: str) -> None:
    response, _ = stamp(NOTE, url, authority.roots)
    other = NOTE.signed(SigningKey("example.org/more", 1, b"m" * 32))
    with pytest.raises(NotStamped, match="does not hold"):
        stamped_at(other, response, authority.roots)
    stamped = response.index(sha256(str(NOTE).encode()).digest())
    for at in range(stamped, stamped + 32):
        changed = response[:at] + bytes([response[at] ^ 1]) + response[at + 1 :]
        with pytest.raises(NotStamped, match="does not hold"):
            stamped_at(NOTE, changed, authority.roots)
    authority.answer = response
    with pytest.raises(NotStamped, match="Nonce"):
        stamp(NOTE, url, authority.roots)


def test_a_stranger_s_timestamp(
    authority: Authority, url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    response, _ = stamp(NOTE, url, authority.roots)
    stranger = Authority(tmp_path_factory.mktemp("stranger"))
    with pytest.raises(NotStamped, match="does not hold"):
        stamped_at(NOTE, response, stranger.roots)


def test_no_timestamp(authority: Authority, url: str) -> None:
    authority.answer = b"nothing"
    with pytest.raises(NotStamped, match="does not hold"):
        stamp(NOTE, url, authority.roots)
    authority.status = 503
    with pytest.raises(NotStamped, match="503"):
        stamp(NOTE, url, authority.roots)
    with pytest.raises(NotStamped, match="does not answer"):
        stamp(NOTE, "http://127.0.0.1:9/", authority.roots)
    with pytest.raises(NotStamped, match="PEM"):
        read_roots(b"nothing")
