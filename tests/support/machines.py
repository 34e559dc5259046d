"""Machines of a test's own: network namespaces, each with a cable to this one and nothing else."""

from __future__ import annotations

import os
import secrets
import select
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

HOME = "10.231.77.1"
"""This machine, as the others see it."""


@dataclass(frozen=True)
class Machine:
    """A network namespace; ``words`` start a program in it."""

    words: tuple[str, ...]


def why_no_machines() -> str:
    """Why there can be no network namespaces here, or an empty text."""
    if shutil.which("ip") is None:
        return "no ip here: apt-get install iproute2"
    if os.geteuid() != 0:
        return "only root can make network namespaces"
    name = f"slo{secrets.token_hex(3)}"
    if subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False).returncode:
        return "this machine lets nobody make network namespaces"
    _ip("netns", "del", name)
    return ""


@contextmanager
def machines(count: int) -> Iterator[list[Machine]]:
    """So many machines, from which this one is reached at ``HOME`` and nothing else is."""
    with ExitStack() as stack:
        yield [stack.enter_context(_machine(number)) for number in range(count)]


@contextmanager
def _machine(number: int) -> Iterator[Machine]:
    name = f"slo{secrets.token_hex(3)}"
    here, there = f"{name}h", f"{name}t"
    first = 4 * number
    _ip("netns", "add", name)
    try:
        _ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", name)
        _ip("address", "add", f"10.231.77.{first + 1}/30", "dev", here)
        _ip("link", "set", here, "up")
        _ip("-n", name, "address", "add", f"10.231.77.{first + 2}/30", "dev", there)
        _ip("-n", name, "link", "set", there, "up")
        _ip("-n", name, "link", "set", "lo", "up")
        _ip("-n", name, "route", "add", "default", "via", f"10.231.77.{first + 1}")
        yield Machine(("ip", "netns", "exec", name))
    finally:
        _ip("netns", "del", name)  # its end of the cable goes with it, and so does ours


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@contextmanager
def open_to_machines(port: int) -> Iterator[int]:
    """A server of 127.0.0.1 that the machines reach at ``HOME``, on the port that is yielded."""
    listener = socket.create_server((HOME, 0))

    def serve() -> None:
        while True:
            try:
                outer, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=_relay, args=(outer, port), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _relay(outer: socket.socket, port: int) -> None:
    """Pass on what comes from either end until one has nothing more to say."""
    with outer, socket.create_connection(("127.0.0.1", port)) as inner:
        other = {outer: inner, inner: outer}
        while True:
            ready, _, _ = select.select(list(other), [], [])
            for one in ready:
                try:
                    content = one.recv(65536)
                    other[one].sendall(content)
                except OSError:
                    return
                if not content:
                    return
