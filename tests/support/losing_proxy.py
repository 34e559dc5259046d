"""A TCP proxy that can lose a server's answer: the request gets through, its answer never comes.

It forwards bytes both ways and knows no protocol, so it works for encrypted ones as well. Before
each piece that comes from the server, it asks ``should_lose``: from the first true on, nothing
from the server reaches that client any more, and both connections are closed. As the server
answers only after it has done what it was asked, asking for the *effect* is exact::

    with losing_proxy(server_port) as proxy:
        proxy.should_lose = lambda _traffic: target.exists()
        ...  # talk to proxy.port; the answer to what made the target is lost
        proxy.should_lose = never
        ...  # what was lost is found
"""

import socket
import threading
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass

PIECE = 65_536


@dataclass
class Traffic:
    """What one connection has carried so far.

    Attributes:
        requested: bytes that the client has sent, and the server was given.
        answered: bytes that the server has sent, and the client was given.
        last_request: the last piece of the client's; for protocols in the clear.
    """

    requested: int = 0
    answered: int = 0
    last_request: bytes = b""


def never(_traffic: Traffic) -> bool:
    """Let everything through."""
    return False


class LosingProxy:
    """A listening proxy.

    Attributes:
        port: where it listens, at 127.0.0.1.
        should_lose: asked before each piece from the server; may be changed at any time.
        lost: how many connections have lost an answer.
        connections: how many there have been.
    """

    def __init__(self, server_port: int) -> None:
        self.should_lose: Callable[[Traffic], bool] = never
        self.lost = 0
        self.connections = 0
        self._server_port = server_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def hang_up(self) -> None:
        """Break all connections; new ones are welcome."""
        for one in self._open:
            _hang_up(one)

    def close(self) -> None:
        """Break all connections, and listen no more."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()
        for thread in self._threads:
            thread.join(10)
        for one in self._open:
            one.close()

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return  # closed
            try:
                server = socket.create_connection(("127.0.0.1", self._server_port), timeout=10)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            self.connections += 1
            self._open += [client, server]
            traffic = Traffic()
            self._start(self._requests, client, server, traffic)
            self._start(self._answers, client, server, traffic)

    def _requests(self, client: socket.socket, server: socket.socket, traffic: Traffic) -> None:
        with suppress(OSError):
            while piece := client.recv(PIECE):
                server.sendall(piece)
                traffic.requested += len(piece)
                traffic.last_request = piece
        _hang_up(server)

    def _answers(self, client: socket.socket, server: socket.socket, traffic: Traffic) -> None:
        with suppress(OSError):
            while piece := server.recv(PIECE):
                if self.should_lose(traffic):
                    self.lost += 1
                    break
                client.sendall(piece)
                traffic.answered += len(piece)
        _hang_up(client)
        _hang_up(server)


def _hang_up(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)


@contextmanager
def losing_proxy(server_port: int):
    """A proxy in front of a server at 127.0.0.1, until the block ends."""
    proxy = LosingProxy(server_port)
    try:
        yield proxy
    finally:
        proxy.close()
