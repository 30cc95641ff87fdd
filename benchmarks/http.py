"""Commands over HTTP: one in each request, and many in one.

Beside them an empty endpoint of the same framework that takes the same body, and the same commands
given in-process. Client, server and database share the machine's cores.
"""

from itertools import count
from typing import Any, Final
from uuid import UUID

from benchmarks.cases import open_book, opened, payments
from benchmarks.client import Ask, Served, asked, posted, serving
from benchmarks.commands import in_batches
from benchmarks.harness import Bench, rate

CONNECTIONS: Final = (1, 16, 64)
BATCH: Final = 100
"""Commands in one request to the batch endpoint: the most that it takes."""
_KEYS: Final = count(1)


def run(bench: Bench) -> None:
    """Requests and commands a second, and ratios."""
    ledger = open_book(bench.engine, "http")
    with serving(bench.url, "api") as api, serving(bench.url, "bare") as bare:
        contestants: dict[str, Any] = {}
        for connections in CONNECTIONS:
            number = bench.size(1_200 if connections > 1 else 400, 40)

            def ours(connections: int = connections, number: int = number) -> float:
                cases = opened(ledger, max(1, number // 3))
                return asked(api, _payments(api, cases, number), connections)

            def empty(connections: int = connections, number: int = number) -> float:
                asks = [posted("/empty", _body(), bare.headers) for _ in range(number)]
                return asked(bare, asks, connections)

            contestants[f"{connections} connections"] = ours
            contestants[f"empty, {connections} connections"] = empty

        def batched(**prefer: str) -> float:
            number = bench.size(4_000, 200)
            asks = _batches(api, opened(ledger, number // 3), number, prefer)
            return BATCH * asked(api, asks, 2)

        def in_process() -> float:
            number = bench.size(4_000, 200)
            orders = payments(opened(ledger, number // 3), number)
            return rate(number, lambda: in_batches(ledger, orders, BATCH))

        contestants |= {
            "batch endpoint": lambda: batched(Prefer="return=minimal"),
            "batch endpoint, answered in full": batched,
            "in-process, batches of the same size": in_process,
        }
        bench.compare("http", "commands/s", contestants)
    for connections in CONNECTIONS:
        bench.ratio(
            f"http: one command a request to an empty endpoint, {connections} connections",
            f"http/{connections} connections",
            f"http/empty, {connections} connections",
            0.5 if connections == 64 else None,
        )
    for answered, aim in (("", 0.7), (", answered in full", None)):
        bench.ratio(
            f"http: batch endpoint{answered} to in-process",
            f"http/batch endpoint{answered}",
            "http/in-process, batches of the same size",
            aim,
        )


def _body() -> dict[str, Any]:
    return {
        "value_date": "2026-03-22",
        "payment": f"http-{next(_KEYS)}",
        "amount": {"amount": 1_00, "currency": "NOK"},
    }


def _payments(api: Served, cases: list[UUID], number: int) -> list[Ask]:
    return [
        posted(
            f"/v1/books/http/cases/{cases[place % len(cases)]}/payments",
            _body(),
            {**api.headers, "Idempotency-Key": f"key-{next(_KEYS)}"},
        )
        for place in range(number)
    ]


def _batches(api: Served, cases: list[UUID], number: int, prefer: dict[str, str]) -> list[Ask]:
    asks = []
    for first in range(0, number, BATCH):
        commands = [
            {
                "noun": "payments",
                "key": f"key-{next(_KEYS)}",
                "case": str(cases[place % len(cases)]),
                "command": _body(),
            }
            for place in range(first, first + BATCH)
        ]
        headers = {**api.headers, **prefer}
        asks.append(posted("/v1/books/http/commands", {"commands": commands}, headers))
    return asks
