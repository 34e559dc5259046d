"""The URLs of shares: which there are, and the parts of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import SplitResult, unquote, urlsplit

from pydantic import AfterValidator, WithJsonSchema

from slo_reports.settings.problems import nearest, one_of

PROTOCOLS = ("file", "sftp", "smb", "s3", "webdav", "webdavs")
_INSTEAD = {
    "http": "; write webdav:// for WebDAV, s3://bucket with endpoint for S3",
    "https": "; write webdavs:// for WebDAV, s3://bucket with endpoint for S3",
    "dav": "; write webdav://",
    "davs": "; write webdavs://",
    "cifs": "; write smb://",
    "ftp": "; FTP sends passwords in the clear, use sftp://",
    "ftps": "; use sftp://",
    "ssh": "; write sftp://",
    "scp": "; write sftp://",
    "nfs": "; mount it and give its path",
}


@dataclass(frozen=True)
class ShareAddress:
    """A share's URL, taken apart.

    Attributes:
        host: of the server; of S3 the bucket, of a local folder empty.
        port: None: the protocol's own.
        folder: the names from the root to the share's folder; of SMB the share is the first.
        from_home: whether they begin at the user's home rather than at the root (SFTP's ``/~/``).
    """

    protocol: str
    host: str
    port: int | None
    folder: tuple[str, ...]
    from_home: bool = False


def parse_share_url(url: str) -> ShareAddress:
    """The parts of a URL such as ``sftp://files.example.com:2222/srv/reports``.

    Raises:
        ValueError: it is none that shares have; the message is a sentence.
    """
    parts = _split(url)
    protocol, port = parts.scheme, parts.port
    host = parts.hostname or ""
    folder = _folder(parts.path)
    from_home = protocol == "sftp" and folder[:1] == ("~",)
    _check_place(protocol, host, port, folder)
    return ShareAddress(protocol, host, port, folder[1:] if from_home else folder, from_home)


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        msg = f"this is no URL ({error}); write one such as sftp://files.example.com/reports"
        raise ValueError(msg) from None
    if parts.scheme not in PROTOCOLS or not url[len(parts.scheme) :].startswith("://"):
        known = one_of(f"{one}://" for one in PROTOCOLS)
        hint = _INSTEAD.get(parts.scheme) or nearest(parts.scheme, PROTOCOLS)
        msg = f"a share's URL begins with {known}{hint}"
        raise ValueError(msg)
    if "@" in parts.netloc:
        msg = "credentials never stand in a URL; use username and password"
        raise ValueError(msg)
    if parts.query or parts.fragment:
        msg = "a share's URL has no ? and no #; write %3F and %23 where a folder is named so"
        raise ValueError(msg)
    return parts


def _folder(path: str) -> tuple[str, ...]:
    try:
        names = tuple(unquote(one, errors="strict") for one in path.strip("/").split("/") if path)
    except UnicodeDecodeError:
        msg = "what stands behind % in the URL is not UTF-8"
        raise ValueError(msg) from None
    names = () if names == ("",) else names
    for name in names:
        if name in {"", ".", ".."} or not name.isprintable() or set(name) & set("/\\\0"):
            msg = f"{name!r} is no folder's name in a URL; name the folder without detours"
            raise ValueError(msg)
    return names


def _check_place(protocol: str, host: str, port: int | None, folder: tuple[str, ...]) -> None:
    if protocol == "file" and (host or port or not folder):
        msg = "a folder of this machine is file:///folder, with three slashes"
    elif protocol == "s3" and (not host or port):
        msg = "write s3://bucket/prefix, and the server's address as endpoint"
    elif protocol != "file" and not host:
        msg = f"the URL names no server; write one such as {protocol}://files.example.com/reports"
    elif protocol == "smb" and not folder:
        msg = "the URL names no share; write smb://server/share or smb://server/share/folder"
    else:
        return
    raise ValueError(msg)


def _checked(value: str) -> str:
    parse_share_url(value)
    return value


ShareUrl = Annotated[
    str,
    AfterValidator(_checked),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": f"^({'|'.join(PROTOCOLS)})://",
            "examples": ["sftp://files.example.com/reports"],
        }
    ),
]
