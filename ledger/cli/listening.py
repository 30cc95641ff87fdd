"""The sockets that our servers listen on."""

import socket


def tcp_socket() -> socket.socket:
    """A socket to bind and listen on.

    It names its protocol: asyncio turns Nagle's algorithm off only for a connection that does, and
    otherwise the second part of each answer waits for the caller's delayed acknowledgement, 40 ms.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return listener
