"""What holds for one protocol only, on its real server."""

from __future__ import annotations

import os
import ssl
import subprocess
import threading
import time
from contextlib import contextmanager, suppress
from datetime import timedelta
from operator import methodcaller
from pathlib import Path

import httpx
import pytest
from support.file_servers import SERVERS, known_host, openssh, samba, seaweed, wsgidav
from support.lax_s3 import serving_lax_s3
from support.losing_proxy import losing_proxy, never

from slo_reports.deliver.store import Published, Store
from slo_reports.deliver.stores import store_for
from slo_reports.deliver.trouble import Trouble
from slo_reports.settings.values import Secret

pytestmark = pytest.mark.e2e
NAMES = ("shop", "2026", "shop_2026-10.html")
AS_ROOT = os.geteuid() == 0


def file_one(store: Store) -> Published:
    return store.create(NAMES, b"content")


def server(start):
    @pytest.fixture(scope="module")
    def started():
        with start() as served:
            yield served

    return started


sftp, smb, s3, webdavs = map(server, (openssh, samba, seaweed, wsgidav))


@pytest.fixture
def lax_s3():
    with serving_lax_s3() as stub:
        yield stub


# --- SFTP ---


def test_an_unknown_host_key_is_refused_with_the_command_that_shows_it(sftp, tmp_path):
    known = tmp_path / "known_hosts"
    known.write_text("")
    advice = rf"not known.*ssh-keyscan -p {sftp.port} 127\.0\.0\.1.*put it into {known}"
    with pytest.raises(Trouble, match=advice):
        store_for(sftp.settings(known_hosts=known)).reach()


def test_another_host_key_than_the_known_one_is_refused(sftp, tmp_path):
    known = tmp_path / "known_hosts"
    known.write_text(known_host(sftp.folder / "stranger.pub", sftp.port))
    with pytest.raises(Trouble, match=r"is not the one that is known.*in between"):
        store_for(sftp.settings(known_hosts=known)).create(NAMES, b"content")
    assert sftp.files() == {}


def test_a_file_of_known_hosts_that_is_not_there_is_named(sftp, tmp_path):
    with pytest.raises(Trouble, match="gone could not be read: No such file"):
        store_for(sftp.settings(known_hosts=tmp_path / "gone")).reach()


@pytest.mark.skipif(not AS_ROOT, reason="only root can run an sshd that has a user of its own")
def test_a_password_logs_in(sftp):
    secret = Secret(f"file:{sftp.folder / 'password'}")
    (sftp.folder / "password").write_text("correct horse\n")
    store = store_for(sftp.settings(key=None, password=secret))
    assert store.create(("password.html",), b"content") is Published.WRITTEN
    store.close()


def test_a_locked_key_opens_with_its_passphrase(sftp, tmp_path, monkeypatch):
    key = tmp_path / "locked"
    key.write_bytes((sftp.folder / "client").read_bytes())
    key.chmod(0o600)
    command = ["ssh-keygen", "-q", "-p", "-P", "", "-N", "open sesame", "-f", str(key)]
    subprocess.run(command, check=True, capture_output=True)
    with pytest.raises(Trouble, match="mend username, password or key"):
        store_for(sftp.settings(key=key)).reach()
    monkeypatch.setenv("PASSPHRASE", "open sesame")
    store = store_for(sftp.settings(key=key, password=Secret("env:PASSPHRASE")))
    assert store.create(("locked.html",), b"content") is Published.WRITTEN
    store.close()


def test_a_key_that_the_server_does_not_know_is_refused(sftp):
    with pytest.raises(Trouble, match=r"refused the login .*; mend username, password or key"):
        store_for(sftp.settings(key=sftp.folder / "stranger")).reach()


def test_a_key_file_that_is_not_there_is_named(sftp):
    with pytest.raises(Trouble, match="the key /nowhere/id could not be read: No such file"):
        store_for(sftp.settings(key=Path("/nowhere/id"))).reach()


@pytest.mark.skipif(not AS_ROOT, reason="only root can make what our user may not write to")
def test_a_folder_without_the_right_to_write_is_one_clear_sentence(sftp):
    (sftp.folder / "share" / "locked").mkdir(mode=0o555)
    store = store_for(sftp.settings("locked"))
    with pytest.raises(Trouble, match="Permission denied; give the user that runs slo-reports"):
        store.create(NAMES, b"content")
    store.close()


@pytest.mark.skipif(not AS_ROOT, reason="only with a user of its own is the home a free folder")
def test_a_folder_may_begin_at_the_users_home(sftp):
    settings = sftp.settings().model_copy(update={"url": f"sftp://127.0.0.1:{sftp.port}/~/share"})
    store = store_for(settings)
    assert store.create(("home.html",), b"content") is Published.WRITTEN
    assert store.place(("home.html",)) == f"sftp://127.0.0.1:{sftp.port}/~/share/home.html"
    assert sftp.files()["home.html"] == b"content"
    store.close()


# --- leftovers of killed processes ---


@pytest.mark.parametrize("name", ["local", "sftp", "smb"])
def test_old_leftovers_are_swept_and_nothing_else(name):
    with SERVERS[name]() as served:
        an_hour, two_days = time.time() - 3600, time.time() - 2 * 86_400
        for path, when in {
            ".0123456789abcdef.part": two_days,
            ".fedcba9876543210.part": an_hour,
            ".theirs.part": two_days,
            "old.html": two_days,
        }.items():
            served.put(f"shop/{path}", b"half")
            os.utime(served.folder / "share" / "shop" / path, (when, when))
        (served.folder / "share" / "shop").chmod(0o777)
        store = store_for(served.settings())
        store.create(("shop", "new.html"), b"content")
        store.close()
        assert sorted(served.files()) == [
            "shop/.fedcba9876543210.part",
            "shop/.theirs.part",
            "shop/new.html",
            "shop/old.html",
        ]


# --- S3 ---


@pytest.mark.parametrize("call", [methodcaller("reach"), methodcaller("try_out"), file_one])
def test_a_bucket_that_is_not_there_is_not_made(s3, call):
    store = store_for(s3.settings().model_copy(update={"url": "s3://elsewhere/slo"}))
    with pytest.raises(Trouble, match=r"\(NoSuchBucket\); make the bucket"):
        call(store)
    store.close()


def test_a_whole_bucket_may_be_the_share(s3):
    store = store_for(s3.settings().model_copy(update={"url": "s3://reports"}))
    assert store.create(("slo", "berichte", "whole.html"), b"content") is Published.WRITTEN
    assert store.place(("a.html",)) == "s3://reports/a.html"
    assert s3.files()["whole.html"] == b"content"
    store.close()


def test_a_store_that_refuses_conditions_is_looked_at_before(lax_s3):
    lax_s3.refuses_conditions = True
    store = store_for(lax_s3.settings())
    assert file_one(store) is Published.WRITTEN
    assert file_one(store) is Published.ALREADY_THERE
    with pytest.raises(Trouble, match="never overwritten"):
        store.create(NAMES, b"other")
    assert list(lax_s3.objects.values()) == [b"content"]
    store.close()


def test_a_store_that_ignores_conditions_is_looked_at_afterwards(lax_s3):
    lax_s3.rival = b"theirs, a moment later"
    store = store_for(lax_s3.settings())
    with pytest.raises(Trouble, match="different content"):
        file_one(store)
    store.close()


# --- WebDAV ---


def test_a_certificate_of_another_authority_is_refused(webdavs):
    with pytest.raises(Trouble, match=r"could not reach .*certificate verify failed"):
        store_for(webdavs.settings(ca=None)).reach()
    assert webdavs.files() == {}


@contextmanager
def locked(webdavs, folder):
    """A folder that another client has locked; yields what unlocks it."""
    (webdavs.folder / "share" / folder).mkdir()
    url = f"https://127.0.0.1:{webdavs.port}/dav/{folder}/"
    trust = ssl.create_default_context(cafile=str(webdavs.folder / "ca.pem"))
    with httpx.Client(verify=trust, auth=("filer", "correct horse"), trust_env=False) as other:
        answer = other.request("LOCK", url, headers={"Depth": "0"}, content=LOCK)
        token = {"Lock-Token": answer.headers["Lock-Token"]}
        yield lambda: other.request("UNLOCK", url, headers=token).raise_for_status()


LOCK = (
    b'<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope>'
    b"<locktype><write/></locktype><owner>somebody else</owner></lockinfo>"
)


def test_a_lock_of_somebody_else_is_waited_for(webdavs):
    with locked(webdavs, "lent") as unlock:
        threading.Timer(0.7, unlock).start()
        store = store_for(webdavs.settings())
        assert store.create(("lent", "a.html"), b"content") is Published.WRITTEN
        store.close()


def test_a_lock_that_stays_is_one_clear_sentence(webdavs):
    with locked(webdavs, "kept") as unlock:
        store = store_for(webdavs.settings(timeout=timedelta(seconds=1)))
        with pytest.raises(Trouble, match=r"423 Locked\); another program holds it") as told:
            store.create(("kept", "a.html"), b"content")
        assert told.value.retryable
        unlock()
        assert store.create(("kept", "a.html"), b"content") is Published.WRITTEN
        store.close()


def test_a_server_without_locks_is_filed_on_as_well():
    with wsgidav(locks=False) as served:
        store = store_for(served.settings())
        assert file_one(store) is Published.WRITTEN
        assert file_one(store) is Published.ALREADY_THERE
        with pytest.raises(Trouble, match="never overwritten"):
            store.create(NAMES, b"other")
        assert served.files() == {"/".join(NAMES): b"content"}
        store.close()


def test_a_lock_whose_answer_was_lost_is_waited_out_or_told(webdavs):
    with losing_proxy(webdavs.port) as proxy:
        store = store_for(webdavs.settings(port=proxy.port, timeout=timedelta(seconds=1)))
        store.create(("lost", "a.html"), b"content")
        requests = iter(range(100))
        proxy.should_lose = lambda _: next(requests) == 4
        with pytest.raises(Trouble):
            store.create(("lost", "b.html"), b"content")
        proxy.should_lose = never
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with suppress(Trouble):
                store.create(("lost", "b.html"), b"content")
                break
        store.close()
    assert webdavs.files()["lost/b.html"] == b"content"
