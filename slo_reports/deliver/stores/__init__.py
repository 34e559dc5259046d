"""Places that files are put into, one adapter per protocol behind one contract (``Store``)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from slo_reports.deliver.store import Store
from slo_reports.deliver.stores.local import LocalStore
from slo_reports.deliver.stores.server import ServerStore
from slo_reports.deliver.trouble import Trouble
from slo_reports.settings.share_urls import ShareAddress, parse_share_url
from slo_reports.settings.shares import ShareDestination

# ruff: noqa: PLC0415  # only who uses a protocol needs its library


def store_for(settings: ShareDestination) -> Store:
    """The store of a share, nothing opened yet.

    Raises:
        Trouble: the library for its protocol is not installed.
    """
    if settings.path is not None:
        return LocalStore(settings.path)
    address = parse_share_url(settings.url or "")
    if address.protocol == "file":
        return LocalStore(Path("/", *address.folder))
    try:
        return _ON_SERVERS[address.protocol](settings, address)
    except ImportError as error:
        seen = f"{settings.url} needs the Python package {error.name}, which is not installed"
        extra = address.protocol.removesuffix("s")
        raise Trouble(seen, f"pip install 'slo-reports[{extra}]'") from error


def _sftp(settings: ShareDestination, address: ShareAddress) -> Store:
    from slo_reports.deliver.stores.sftp import SftpFiles

    return ServerStore(SftpFiles(settings, address))


def _smb(settings: ShareDestination, address: ShareAddress) -> Store:
    from slo_reports.deliver.stores.smb import SmbFiles

    return ServerStore(SmbFiles(settings, address))


def _s3(settings: ShareDestination, address: ShareAddress) -> Store:
    from slo_reports.deliver.stores.s3 import S3Store

    return S3Store(settings, address)


def _webdav(settings: ShareDestination, address: ShareAddress) -> Store:
    from slo_reports.deliver.stores.webdav import WebdavFiles

    return ServerStore(WebdavFiles(settings, address))


_ON_SERVERS: dict[str, Callable[[ShareDestination, ShareAddress], Store]] = {
    "sftp": _sftp,
    "smb": _smb,
    "s3": _s3,
    "webdav": _webdav,
    "webdavs": _webdav,
}
