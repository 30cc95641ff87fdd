"""Sockets that servers listen on."""

import asyncio
import socket

from ledger.cli.listening import tcp_socket


def test_small_answers_are_sent_at_once() -> None:
    """Nagle's algorithm is off on the connections that asyncio accepts from it."""
    found: list[int] = []

    async def talk() -> None:
        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connection = writer.get_extra_info("socket")
            found.append(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        listener = tcp_socket()
        listener.bind(("127.0.0.1", 0))
        async with await asyncio.start_server(accept, sock=listener):
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            await reader.read()
            writer.close()

    asyncio.run(talk())
    assert len(found) == 1
    assert found[0] != 0
