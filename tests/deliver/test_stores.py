"""What holds for every place that files are put into, each on a real server."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import timedelta
from functools import cache

import pytest
from support.file_servers import SERVERS, Served
from support.losing_proxy import losing_proxy, never

from slo_reports.deliver.share import Share
from slo_reports.deliver.store import Published, is_temporary
from slo_reports.deliver.stores import store_for
from slo_reports.deliver.trouble import NotThere, Trouble
from slo_reports.demo.prometheus import free_port
from slo_reports.errors import DeliveryError
from slo_reports.model import Parcel
from slo_reports.settings.values import Secret

pytestmark = pytest.mark.e2e
NAMES = ("shop", "2026", "shop_2026-10.html")
PATH = "/".join(NAMES)
ON_SERVERS = [one for one in SERVERS if one != "local"]


@pytest.fixture(scope="module")
def start() -> Iterator[Callable[[str], Served]]:
    """Starts each server when it is first asked for; it then serves all tests."""
    with ExitStack() as running:
        yield cache(lambda name: running.enter_context(SERVERS[name]()))


@pytest.fixture(params=list(SERVERS))
def served(request, start) -> Served:
    return start(request.param)


@pytest.fixture(params=ON_SERVERS)
def on_server(request, start) -> Served:
    return start(request.param)


@pytest.fixture
def top(request) -> str:
    """A name of this test's own, to be the first of all that it files."""
    return folder_of(request)


def folder_of(request):
    return "".join(one if one.isalnum() else "-" for one in request.node.name)


@pytest.fixture
def store(served):
    made = store_for(served.settings())
    yield made
    made.close()


def below(served, top):
    return {
        path.removeprefix(f"{top}/"): content
        for path, content in served.files().items()
        if path.startswith(f"{top}/")
    }


def no_leftovers(served):
    return not [path for path in served.files() if path.rpartition("/")[2].startswith(".")]


def test_a_new_file_has_the_bytes_and_reads_back(served, store, top):
    assert store.create((top, *NAMES), b"content") is Published.WRITTEN
    assert below(served, top) == {PATH: b"content"}
    assert store.read((top, *NAMES)) == b"content"
    assert no_leftovers(served)


def test_an_identical_file_counts_as_filed(served, store, top):
    served.put(f"{top}/{PATH}", b"content")
    assert store.create((top, *NAMES), b"content") is Published.ALREADY_THERE
    assert below(served, top) == {PATH: b"content"}


def test_a_different_file_is_refused_and_stays(served, store, top):
    served.put(f"{top}/{PATH}", b"edited by hand")
    with pytest.raises(
        Trouble, match=r"sha256 \w{12}…, ours is \w{12}….*never overwritten"
    ) as told:
        store.create((top, *NAMES), b"content")
    assert told.value.retryable
    assert below(served, top) == {PATH: b"edited by hand"}
    assert no_leftovers(served)


def test_an_empty_file_is_no_file_to_write_over(served, store, top):
    served.put(f"{top}/{PATH}", b"")
    with pytest.raises(Trouble, match="never overwritten"):
        store.create((top, *NAMES), b"content")
    assert below(served, top) == {PATH: b""}


def test_names_in_any_script_with_spaces_and_signs(served, store, top):
    names = ("Läden & Café", "二〇二六", "Bericht Ä #1 100% (r2) + π’.html")
    assert store.create((top, *names), b"\xf0\x9f\xa6\x8a") is Published.WRITTEN
    assert below(served, top) == {"/".join(names): b"\xf0\x9f\xa6\x8a"}
    assert store.read((top, *names)) == b"\xf0\x9f\xa6\x8a"


def test_a_large_file(served, store, top):
    content = os.urandom(1 << 20) * 12
    assert store.create((top, "large.pdf"), content) is Published.WRITTEN
    assert below(served, top) == {"large.pdf": content}


def test_what_is_not_there_cannot_be_read(store, top):
    with pytest.raises(NotThere, match=r"shop_2026-10\.html is not there"):
        store.read((top, *NAMES))


def test_the_index_is_replaced_at_once(served, store, top):
    for content in (b"old", b"new and longer", b"new"):
        store.replace((top, "index.html"), content)
        assert store.read((top, "index.html")) == content
    assert below(served, top) == {"index.html": b"new"}
    assert no_leftovers(served)


def at_once(served, contents, names):
    """What became of writers who all begin at the same moment, each with a connection."""
    start, results, settings = threading.Barrier(len(contents)), [], served.settings()

    def write(content):
        store = store_for(settings)
        try:
            store.reach()
            start.wait(30)
            results.append((content, store.create(names, content)))
        except (Trouble, threading.BrokenBarrierError) as error:
            results.append((content, str(error)))
        finally:
            store.close()

    threads = [threading.Thread(target=write, args=(one,)) for one in contents]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return results


@pytest.mark.parametrize("_attempt", range(4))
def test_of_writers_with_different_content_exactly_one_wins(served, top, _attempt):
    contents = [bytes([65 + number]) * 20_000 for number in range(6)]
    results = at_once(served, contents, (top, *NAMES))
    ((_, left),) = below(served, top).items()
    assert [one for one, result in results if result is Published.WRITTEN] == [left]
    refused = [result for one, result in results if one != left]
    assert len(refused) == 5
    assert all("never overwritten" in result for result in refused)
    assert no_leftovers(served)


def test_writers_with_the_same_content_are_all_content(served, top):
    results = at_once(served, [b"same" * 5000] * 6, (top, *NAMES))
    outcomes = [result for _, result in results]
    assert outcomes.count(Published.WRITTEN) == 1
    assert outcomes.count(Published.ALREADY_THERE) == 5
    assert below(served, top) == {PATH: b"same" * 5000}
    assert no_leftovers(served)


def test_a_full_disk_leaves_nothing_and_later_delivers(served, top):
    if not served.small:
        pytest.skip("this store has no small disk here")
    small = store_for(served.settings(served.small))
    filler = f"{served.small}/{top}-filler"
    served.put(filler, b"x" * 100_000)
    with pytest.raises(Trouble, match=r"make room|full") as told:
        small.create((top, *NAMES), b"y" * 200_000)
    assert told.value.retryable
    assert below(served, f"{served.small}/{top}") == {}
    assert no_leftovers(served)
    assert at_last(lambda: small.create((top, *NAMES), b"y" * 20_000)) is Published.WRITTEN
    small.close()


def at_last(call):
    """What a call returns once it succeeds: a server may hold on to what was removed a moment."""
    for _ in range(100):
        with suppress(Trouble):
            return call()
        time.sleep(0.1)
    return call()


def test_a_folder_that_is_not_there_is_not_made(served, top):
    if served.url.startswith("s3:"):
        pytest.skip("a prefix needs no making")
    nowhere = store_for(served.settings(f"{top}-gone"))
    for _ in range(2):
        with pytest.raises(Trouble, match=r"folder .*-gone is not there"):
            nowhere.create(NAMES, b"content")
    assert f"{top}-gone" not in str(served.files())
    nowhere.close()


def test_trying_out_leaves_nothing_behind(served, store):
    before = served.files()
    store.reach()
    store.try_out()
    assert served.files() == before


def test_a_closed_store_opens_again(store, top):
    assert store.create((top, "a"), b"a") is Published.WRITTEN
    store.close()
    store.close()
    assert store.read((top, "a")) == b"a"


# --- servers ---


def test_a_server_that_is_down_is_one_clear_sentence(on_server):
    store = store_for(on_server.settings(port=free_port()))
    with pytest.raises(Trouble, match=r"could not .*; is the server up") as told:
        store.create(NAMES, b"content")
    assert told.value.retryable
    assert "\n" not in str(told.value)


def test_a_server_that_does_not_answer_is_given_up_on(on_server):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        store = store_for(on_server.settings(port=port, timeout=timedelta(seconds=1)))
        began = time.monotonic()
        with pytest.raises(Trouble, match="could not") as told:
            store.create(NAMES, b"content")
        assert 0.5 < time.monotonic() - began < 6
        assert told.value.retryable
        store.close()


def by_password(on_server, secret):
    """The settings with another password, in place of a key where there was one."""
    keys = {"key": None} if on_server.settings().key else {}
    return on_server.settings(password=Secret(secret), **keys)


def test_a_wrong_password_is_refused_and_never_told(on_server, monkeypatch):
    monkeypatch.setenv("OLD_PASSWORD", "hunter2 of old")
    store = store_for(by_password(on_server, "env:OLD_PASSWORD"))
    with pytest.raises(Trouble, match="mend username") as told:
        store.create(NAMES, b"content")
    assert told.value.retryable
    assert not any("hunter2" in f"{one} {one!r}" for one in causes(told.value))
    store.close()


def causes(error):
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def test_a_password_that_is_not_there_is_named(on_server):
    store = store_for(by_password(on_server, "env:NOT_SET_ANYWHERE"))
    with pytest.raises(Trouble, match=r"env:NOT_SET_ANYWHERE is not there: .*; mend password"):
        store.reach()


def test_one_connection_serves_all_files_of_a_pass(on_server, request):
    top = folder_of(request)
    with losing_proxy(on_server.port) as proxy:
        store = store_for(on_server.settings(port=proxy.port))
        for number in range(5):
            store.create((top, *NAMES[:2], f"{number}.html"), b"content")
        assert proxy.connections == 1
        store.close()
    assert len(below(on_server, top)) == 5


def test_after_a_lost_connection_the_next_file_is_filed_on_a_new_one(on_server, request):
    top = folder_of(request)
    with losing_proxy(on_server.port) as proxy:
        store = store_for(on_server.settings(port=proxy.port))
        store.create((top, "a.html"), b"content")
        proxy.hang_up()
        with suppress(Trouble):  # HTTP's libraries see it before they ask
            store.create((top, "b.html"), b"content")
        assert store.create((top, "b.html"), b"content")
        assert proxy.connections == 2
        store.close()


def test_an_answer_that_is_lost_is_found_at_the_next_try(on_server, request):
    top = folder_of(request)
    parcel = Parcel("books", f"{top}/{PATH}", "text/html", b"content")
    with losing_proxy(on_server.port) as proxy:
        share = Share("books", on_server.settings(port=proxy.port))
        proxy.should_lose = lambda _: PATH in below(on_server, top)
        with pytest.raises(DeliveryError) as told:
            share.send(parcel)
        assert told.value.retryable
        assert proxy.lost >= 1
        assert below(on_server, top)[PATH] == b"content"
        proxy.should_lose = never
        assert share.send(parcel).startswith("already there, identical: ")
        share.close()
    left = below(on_server, top)
    assert [one for one in left if "/." not in one] == [PATH]
    assert all(is_temporary(one.rpartition("/")[2]) for one in left if "/." in one)
