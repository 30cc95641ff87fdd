"""A server process for the benchmarks over HTTP: our API, and two bare endpoints beside it.

    python -m benchmarks.served URL KEY_FILE api|bare    prints its port, and serves until killed

The bare endpoints stand in an application of their own in the same framework, with the same server
settings: ``/empty`` takes the body of a payment and answers with one of a
fixed size; ``/row/{n}`` answers with one row read by its primary key.
"""

import os
import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import text

from api.app import create_app
from api.bodies import body_of
from api.limits import RATE_LIMIT
from ledger.access.tokens import LocalIssuer
from ledger.cli.listening import tcp_socket
from ledger.domain.commands import ReceivePayment
from ledger.log.engine import connect


class Empty(BaseModel):
    """An answer of about the size that a recorded payment has."""

    told: str


class Row(BaseModel):
    """A row that was read."""

    position: int
    id: str
    payload: str


def bare(url: str) -> FastAPI:
    """What the framework costs by itself."""
    app = FastAPI()
    engine = connect(url)
    answer = "x" * 1_500
    body = body_of(ReceivePayment)

    @app.post("/empty")
    def empty(payment: body) -> Empty:  # type: ignore[valid-type]
        return Empty(told=answer)

    query = text("SELECT position, id::text, payload FROM bench_rows WHERE position = :position")

    @app.get("/row/{position}")
    def row(position: int) -> Row:
        with engine.connect() as connection:
            found = connection.execute(query, {"position": position}).one()
        return Row(position=found[0], id=found[1], payload=found[2])

    return app


if __name__ == "__main__":
    address, key_file, which = sys.argv[1:]
    os.environ[RATE_LIMIT] = "100000000/minute"
    tokens = LocalIssuer.kept_in(Path(key_file)).tokens()
    listener = tcp_socket()
    listener.bind(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    application = create_app(address, tokens) if which == "api" else bare(address)
    config = uvicorn.Config(application, log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])
