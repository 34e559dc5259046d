"""A line that is listened to: all bytes that pass between clients and a server of this machine."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Line:
    """What was said.

    Attributes:
        port: where clients call instead.
        said: each connection's bytes, of either direction on its own.
    """

    port: int
    said: list[bytearray] = field(default_factory=list)


@contextmanager
def tapped(server_port: int) -> Iterator[Line]:
    """A server of 127.0.0.1, reached by another port, until the block ends."""
    calls: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        line = Line(listener.getsockname()[1])
        accepting = _started(_accept, listener, server_port, line, calls)
        try:
            yield line
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for one in (accepting, *calls):
                one.join(10)


def _started(work: Callable[..., None], *arguments: object) -> threading.Thread:
    thread = threading.Thread(target=work, args=arguments, daemon=True)
    thread.start()
    return thread


def _accept(
    listener: socket.socket, server_port: int, line: Line, calls: list[threading.Thread]
) -> None:
    with suppress(OSError):  # closed
        while True:
            client, _ = listener.accept()
            calls.append(_started(_call, client, server_port, line))


def _call(client: socket.socket, server_port: int, line: Line) -> None:
    with client, socket.create_connection(("127.0.0.1", server_port)) as server:
        back = _started(_pass_on, server, client, line)
        _pass_on(client, server, line)
        back.join()


def _pass_on(one: socket.socket, other: socket.socket, line: Line) -> None:
    line.said.append(heard := bytearray())
    with suppress(OSError):
        while piece := one.recv(65_536):
            heard += piece
            other.sendall(piece)
    for end in (one, other):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
