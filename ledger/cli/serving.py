"""``caseledger serve`` and ``caseledger demo``: the API in the foreground."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Annotated, Any, Final

import typer
import uvicorn

from ledger.access.tokens import ISSUER, Tokens
from ledger.application.ledger import Ledger
from ledger.cli.access import local_issuer
from ledger.cli.database import database
from ledger.cli.exits import Exit, Failed
from ledger.cli.listening import tcp_socket
from ledger.cli.output import out, say
from ledger.cli.sample_book import fill
from ledger.cli.signing import signer, signer_folder
from ledger.cli.vault import check_erasures, people_keys
from ledger.log.engine import connect
from ledger.people.keys import KeyService, NoKeys
from ledger.projections.engine import Projector
from ledger.projections.follower import following
from ledger.proof.schedule import EVERY_SECONDS, checkpointing
from ledger.proof.witnesses import registered

HOST: Final = "127.0.0.1"
"""Whoever can read our own issuer's key is anybody: with it, only this machine may reach us."""
PORT: Final = 8000
START_SECONDS: Final = 20.0

Port = Annotated[
    int | None,
    typer.Option(help=f"The port; {PORT} if it is free, else any.", min=1, max=65535),
]


def serve(
    port: Port = None,
    host: Annotated[
        str, typer.Option(help=f"The address to listen at; another one needs {ISSUER}.")
    ] = HOST,
    checkpoint_every: Annotated[
        int, typer.Option(help="Seconds between checkpoints of books that grow.", min=1)
    ] = EVERY_SECONDS,
) -> None:
    """Serve the API on this machine until Ctrl-C, and keep the read models up with the log.

    Checkpoints are made of every book that has grown, and cosigned by the witnesses that are
    asked (`caseledger witness ask`).
    """
    if host != HOST and not os.environ.get(ISSUER):
        message = f"without {ISSUER}, only this machine may be served: leave out --host"
        raise Failed(message, Exit.USAGE)
    with database() as url:
        check_erasures(url)
        _serve(url, port, host, checkpoint_every)


def _serve(url: str, port: int | None, host: str, checkpoint_every: int) -> None:
    with (
        following(url),
        checkpointing(url, signer(), lambda: registered(signer_folder()), say, checkpoint_every),
        _serving(url, port, host) as address,
    ):
        say(f"Serving at {address} until Ctrl-C.")
        _wait()


def demo(
    port: Port = None,
    once: Annotated[bool, typer.Option("--once", help="End after printing what to try.")] = False,
) -> None:
    """Start everything, fill a sample book, and print what to open and try."""
    if os.environ.get(ISSUER):
        raise Failed(f"the demo has an issuer of its own: unset {ISSUER}", Exit.USAGE)
    say("Starting …")
    with database() as url, following(url):
        check_erasures(url)
        ledger = Ledger(connect(url), "demo")
        shown = fill(ledger)
        Projector(ledger.engine).catch_up("demo")
        with _serving(url, port) as address:
            out.print(shown.guide(address, local_issuer().mint(role="agent", book="demo")))
            if not once:
                say("Ctrl-C ends it.")
                _wait()
        ledger.engine.dispose()
    say("Ended; nothing is left running.")


def _wait() -> None:
    """Until Ctrl-C, which is how a server is meant to be ended."""
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        say("Ending …")


@contextmanager
def _serving(url: str, port: int | None, host: str = HOST) -> Iterator[str]:
    """The API in a thread of its own, for as long as the block lasts; yields its address."""
    tokens: Tokens | None = None if os.environ.get(ISSUER) else local_issuer().tokens()
    listener = _listen(port, host)
    # By name: the layers' contract keeps the command and the API from importing each other.
    app: Any = import_module("api.app").create_app(url, tokens, signer(), _people_keys())
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=5)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + START_SECONDS
        while not server.started:
            if not thread.is_alive() or time.monotonic() > deadline:
                raise Failed("the web server did not start")
            time.sleep(0.02)
        yield f"http://{host}:{listener.getsockname()[1]}"
    finally:
        app.state.streams.ending.set()  # a server waits for its connections, and these never end
        server.should_exit = True
        thread.join()
        listener.close()


def _people_keys() -> KeyService:
    try:
        return people_keys()
    except NoKeys as error:
        raise Failed(str(error)) from error


def _listen(port: int | None, host: str) -> socket.socket:
    """A bound socket: on the port that was asked for, or on the usual one, or on any."""
    for candidate in (PORT, 0) if port is None else (port,):
        listener = tcp_socket()
        try:
            listener.bind((host, candidate))
            listener.listen()  # only now is the port ours alone
        except OSError as error:
            listener.close()
            refusal = error
            continue
        return listener
    message = f"port {port} can't be used: {refusal.strerror}; choose another with --port"
    raise Failed(message, Exit.USAGE)
