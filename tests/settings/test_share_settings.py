"""Shares in the settings file: a path or a URL, and the keys that go with it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo_reports.errors import ConfigurationError
from slo_reports.settings.loading import load_settings
from slo_reports.settings.share_urls import PROTOCOLS, ShareAddress, parse_share_url
from slo_reports.settings.shares import ShareDestination

FILE = """\
version: 1
definitions: [slos]
source: {{url: "http://localhost:9090"}}
reports: [{{name: monthly, title: Monthly}}]
destinations:
  books:
    kind: share
{keys}
"""


def loaded(tmp_path: Path, *keys: str) -> ShareDestination:
    path = tmp_path / "settings.yaml"
    path.write_text(FILE.format(keys="\n".join(f"    {one}" for one in keys)), encoding="utf-8")
    share = load_settings(path).destinations["books"]
    assert isinstance(share, ShareDestination)
    return share


def said_of(tmp_path: Path, *keys: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        loaded(tmp_path, *keys)
    return [f"{one.line}: {one.message}" for one in caught.value.problems]


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("sftp://files.example.com", ShareAddress("sftp", "files.example.com", None, ())),
        ("sftp://h:2222/srv/a%20b/", ShareAddress("sftp", "h", 2222, ("srv", "a b"))),
        ("sftp://h/~/reports", ShareAddress("sftp", "h", None, ("reports",), from_home=True)),
        ("sftp://[::1]:22/a", ShareAddress("sftp", "::1", 22, ("a",))),
        ("smb://h:4450/share/Läden", ShareAddress("smb", "h", 4450, ("share", "Läden"))),
        ("s3://bucket", ShareAddress("s3", "bucket", None, ())),
        ("s3://bucket/slo/reports", ShareAddress("s3", "bucket", None, ("slo", "reports"))),
        ("webdavs://h/remote.php", ShareAddress("webdavs", "h", None, ("remote.php",))),
        ("file:///mnt/%23", ShareAddress("file", "", None, ("mnt", "#"))),
    ],
)
def test_a_url_is_taken_apart(url: str, address: ShareAddress) -> None:
    assert parse_share_url(url) == address


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ([], "6: books: 'path' or 'url' is missing: give one of them"),
        (["path: a", "url: file:///a"], "9: url: give either path or url, not both"),
        (["url: files"], "8: url: a share's URL begins with file://, sftp://, smb://, s3://, w"),
        (["url: https://h/a"], "8: url: a share's URL begins with file://, sftp://, smb://, s3"),
        (["url: sftp:/h"], "8: url: a share's URL begins with"),
        (["url: sftp:///a"], "8: url: the URL names no server; write one such as sftp://files"),
        (["url: 'sftp://h:x/a'"], "8: url: this is no URL (Port could not be cast to integer"),
        (["url: sftp://u:hunter2@h/a"], "8: url: credentials never stand in a URL; use username"),
        (["url: 's3://b/a?x=1'"], "8: url: a share's URL has no ? and no #; write %3F and %23"),
        (["url: s3://b/../c"], "8: url: '..' is no folder's name in a URL"),
        (["url: s3://b/%2Fc"], "8: url: '/c' is no folder's name in a URL"),
        (["url: s3://b/%FF"], "8: url: what stands behind % in the URL is not UTF-8"),
        (["url: s3://b:9000/c"], "8: url: write s3://bucket/prefix, and the server's address as"),
        (["url: smb://h"], "8: url: the URL names no share; write smb://server/share or"),
        (["url: file://h/a"], "8: url: a folder of this machine is file:///folder"),
        (["path: a", "username: b"], "9: username goes with a url of sftp://, smb://, s3://, web"),
        (["url: sftp://h/a"], "6: books: 'username' is missing: SFTP needs one"),
        (["url: smb://h/a", "username: b"], "6: books: 'password' is missing: SMB needs both"),
        (
            ["url: s3://b", "key: a"],
            "9: key goes with sftp://, not with s3://",
        ),
        (
            ["url: smb://h/a", "username: b", "password: env:X", "region: c"],
            "11: region goes with s3://, not with smb://",
        ),
        (["url: s3://b", "username: a"], "6: books: username and password belong together"),
        (["url: s3://b", "password: hunter2"], "9: password: secrets are never written here"),
        (["url: s3://b", "endpoint: s3.example.com"], "9: endpoint: an endpoint is the address of"),
        (["url: s3://b", "endpoint: 'https://a:hunter2@b'"], "9: endpoint: an endpoint is the ad"),
        (["url: s3://b", "timeout: 30"], "9: timeout: '30' is no duration"),
        (
            ["url: webdav://h/a", "username: b", "password: env:X"],
            "6: books: a password is never sent in the clear: write webdavs:// in the url",
        ),
        (["url: webdav://h/a", "ca: b"], "9: ca goes with s3:// or webdavs://, not with webdav"),
        (["url: file:///a", "timeout: 3s"], "9: timeout goes with sftp://, smb://, s3://, webdav"),
    ],
)
def test_one_mistake_is_one_sentence_at_its_line(
    tmp_path: Path, keys: list[str], said: str
) -> None:
    problems = said_of(tmp_path, *keys)
    assert len(problems) == 1
    assert problems[0].startswith(said)
    assert "hunter2" not in problems[0]


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("http://h/a", "write webdav:// for WebDAV, s3://bucket with endpoint for S3"),
        ("https://h/a", "write webdavs:// for WebDAV, s3://bucket with endpoint for S3"),
        ("ftp://h/a", "FTP sends passwords in the clear, use sftp://"),
        ("cifs://h/a", "write smb://"),
        ("sftpp://h/a", "did you mean 'sftp'?"),
    ],
)
def test_what_is_meant_by_another_protocol_is_told(tmp_path: Path, url: str, hint: str) -> None:
    assert said_of(tmp_path, f"url: {url}")[0].endswith(hint)


def test_all_keys_of_a_protocol_are_read_and_files_begin_at_the_settings_folder(
    tmp_path: Path,
) -> None:
    share = loaded(
        tmp_path,
        "url: sftp://h/a",
        "username: slo",
        "key: keys/id",
        "known_hosts: keys/known",
        "password: file:keys/passphrase",
        "timeout: 5s",
    )
    assert (share.key, share.known_hosts) == (tmp_path / "keys/id", tmp_path / "keys/known")
    assert share.password is not None
    assert share.password.reference == f"file:{tmp_path}/keys/passphrase"
    assert share.timeout == timedelta(seconds=5)


def test_a_share_on_s3_may_leave_the_login_to_the_environment(tmp_path: Path) -> None:
    share = loaded(tmp_path, "url: s3://b/c", "endpoint: https://s3.example.com", "ca: ca.pem")
    assert (share.username, share.password) == (None, None)
    assert share.ca == tmp_path / "ca.pem"


@given(st.sampled_from(PROTOCOLS), st.text(max_size=30))
def test_whatever_stands_in_a_url_no_folder_leads_elsewhere(protocol: str, rest: str) -> None:
    try:
        address = parse_share_url(f"{protocol}://{rest}")
    except ValueError:
        return
    assert not {"", ".", ".."} & set(address.folder)
    assert not any(set(name) & set("/\\\0\n") for name in address.folder)
