"""An SMTP proxy that lets everything through but the end of a message, once.

It stands in front of a real server and can be told to do to the next message what networks do:

* ``ANSWER``: the message is forwarded whole and the server takes it, but its answer never comes.
* ``DOT``: the final dot is never forwarded, so the server takes nothing.

Either way the client has sent all of the message, and then the connection is closed.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum

_END = b"\r\n.\r\n"


class Swallow(Enum):
    """What becomes of the next message."""

    NOTHING = "nothing"
    ANSWER = "answer"
    DOT = "dot"


@dataclass
class SwallowingProxy:
    """Set ``swallow`` before a message; afterwards it is ``NOTHING`` again.

    Attributes:
        answers: what the server said to the final dots that it was given.
    """

    port: int
    server: tuple[str, int]
    swallow: Swallow = Swallow.NOTHING
    answers: list[bytes] = field(default_factory=list)

    def serve(self, client: socket.socket) -> None:
        """Speak for the server until one side closes or a message's end is swallowed."""
        with client, suppress(OSError), socket.create_connection(self.server) as upstream:
            client.settimeout(30)
            upstream.settimeout(30)
            said, heard = upstream.makefile("rb"), client.makefile("rb")
            client.sendall(_answer(said))
            while line := heard.readline():
                upstream.sendall(line)
                answer = _answer(said)
                client.sendall(answer)
                if answer.startswith(b"354") and not self._forward(heard, said, upstream, client):
                    return

    def _forward(self, heard, said, upstream: socket.socket, client: socket.socket) -> bool:
        content = _whole_message(heard)
        how, self.swallow = self.swallow, Swallow.NOTHING
        if how is Swallow.DOT:
            upstream.sendall(content.removesuffix(b".\r\n"))
            return False
        upstream.sendall(content)
        self.answers.append(answer := _answer(said))
        if how is Swallow.ANSWER:
            return False
        client.sendall(answer)
        return True


def _whole_message(heard) -> bytes:
    content = b""
    while not content.endswith(_END) and content != b".\r\n":
        content += heard.readline()
    return content


def _answer(said) -> bytes:
    lines = [said.readline()]
    while lines[-1][3:4] == b"-":
        lines.append(said.readline())
    return b"".join(lines)


@contextmanager
def swallowing_proxy(host: str, port: int) -> Iterator[SwallowingProxy]:
    """Listen on a free port in front of a server that is spoken to in the clear."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = SwallowingProxy(listener.getsockname()[1], (host, port))
        threads: list[threading.Thread] = []

        def accept() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    thread = threading.Thread(target=proxy.serve, args=(client,), daemon=True)
                    threads.append(thread)
                    thread.start()

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        try:
            yield proxy
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            accepting.join(5)
            for one in threads:
                one.join(5)
