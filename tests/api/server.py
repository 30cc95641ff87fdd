"""The API as a server that listens, for what a client in the same process can't show."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from ledger.cli.listening import tcp_socket


@contextmanager
def listening(app: Any) -> Iterator[str]:
    """While inside, the application is served at the address that is yielded."""
    listener = tcp_socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=5)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        app.state.streams.ending.set()
        server.should_exit = True
        thread.join()
        listener.close()
