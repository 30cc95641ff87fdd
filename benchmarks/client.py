"""Requests over connections that stay open, from threads: the load of the benchmarks over HTTP."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from time import monotonic, perf_counter, sleep
from typing import Any, NamedTuple

from ledger.access.tokens import LocalIssuer


class Ask(NamedTuple):
    """One request, made up beforehand."""

    method: str
    path: str
    body: bytes | None
    headers: dict[str, str]


class Served(NamedTuple):
    """Where a server of ours listens, and what lets one in."""

    port: int
    headers: dict[str, str]


@contextmanager
def serving(url: str, which: str, book: str = "*") -> Iterator[Served]:
    """A server process, for as long as it is needed."""
    with tempfile.TemporaryDirectory() as folder:
        key = Path(folder) / "key.pem"
        token = LocalIssuer.kept_in(key).mint(role="system", book=book)
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.served", url, str(key), which],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        try:
            port = int(process.stdout.readline())
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            served = Served(port, headers)
            _wait_for(served)
            yield served
        finally:
            process.terminate()
            process.wait()


def _wait_for(served: Served, seconds: float = 30) -> None:
    deadline = monotonic() + seconds
    while monotonic() < deadline:
        try:
            connection = HTTPConnection("127.0.0.1", served.port, timeout=30)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            return
        except OSError:
            sleep(0.05)
    raise RuntimeError("the server did not start")


def asked(served: Served, asks: Sequence[Ask], connections: int) -> float:
    """Requests a second, over so many connections; each waits for its answer."""
    coming = iter(asks)
    failed: list[Any] = []

    def call() -> None:
        connection = HTTPConnection("127.0.0.1", served.port, timeout=120)
        for ask in coming:  # one list's iterator: each is taken once
            connection.request(ask.method, ask.path, ask.body, ask.headers)
            response = connection.getresponse()
            told = response.read()
            if response.status >= 300:
                failed.append((response.status, told[:500]))
        connection.close()

    threads = [Thread(target=call) for _ in range(connections)]
    started = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed, failed[0]
    return len(asks) / (perf_counter() - started)


def posted(path: str, body: object, headers: dict[str, str]) -> Ask:
    """A POST of JSON."""
    return Ask("POST", path, json.dumps(body).encode(), headers)
