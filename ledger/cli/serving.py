"""``caseledger serve`` and ``caseledger demo``: the API in the foreground."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Annotated, Any, Final

import typer
import uvicorn

from ledger.application.ledger import Ledger
from ledger.cli.database import database
from ledger.cli.exits import Exit, Failed
from ledger.cli.output import out, say
from ledger.cli.sample_book import fill
from ledger.log.engine import connect
from ledger.projections.engine import Projector
from ledger.projections.follower import following

HOST: Final = "127.0.0.1"
"""There is nobody to tell who is who yet: only this machine may reach the server."""
PORT: Final = 8000
START_SECONDS: Final = 20.0

Port = Annotated[
    int | None,
    typer.Option(help=f"The port; {PORT} if it is free, else any.", min=1, max=65535),
]


def serve(port: Port = None) -> None:
    """Serve the API on this machine until Ctrl-C, and keep the read models up with the log."""
    with database() as url, following(url), _serving(url, port) as address:
        say(f"Serving at {address} until Ctrl-C.")
        _wait()


def demo(
    port: Port = None,
    once: Annotated[bool, typer.Option("--once", help="End after printing what to try.")] = False,
) -> None:
    """Start everything, fill a sample book, and print what to open and try."""
    say("Starting …")
    with database() as url, following(url):
        ledger = Ledger(connect(url), "demo")
        shown = fill(ledger)
        Projector(ledger.engine).catch_up("demo")
        with _serving(url, port) as address:
            out.print(shown.guide(address))
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
def _serving(url: str, port: int | None) -> Iterator[str]:
    """The API in a thread of its own, for as long as the block lasts; yields its address."""
    listener = _listen(port)
    # By name: the layers' contract keeps the command and the API from importing each other.
    app: Any = import_module("api.app").create_app(url)
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
        yield f"http://{HOST}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def _listen(port: int | None) -> socket.socket:
    """A bound socket: on the port that was asked for, or on the usual one, or on any."""
    for candidate in (PORT, 0) if port is None else (port,):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, candidate))
            listener.listen()  # only now is the port ours alone
        except OSError as error:
            listener.close()
            refusal = error
            continue
        return listener
    message = f"port {port} can't be used: {refusal.strerror}; choose another with --port"
    raise Failed(message, Exit.USAGE)
