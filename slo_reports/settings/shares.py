"""The shape of the settings of shares: a folder here, or the URL of one on a server."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from slo_reports.settings.problems import one_of
from slo_reports.settings.share_urls import ShareUrl, parse_share_url
from slo_reports.settings.strict import Strict
from slo_reports.settings.values import Duration, Secret

_LOGIN = ("username", "password")
KEYS = {
    "file": (),
    "sftp": (*_LOGIN, "key", "known_hosts", "timeout"),
    "smb": (*_LOGIN, "timeout"),
    "s3": (*_LOGIN, "endpoint", "region", "ca", "timeout"),
    "webdav": (*_LOGIN, "timeout"),
    "webdavs": (*_LOGIN, "ca", "timeout"),
}
"""What can be set for each protocol, besides url and link."""


def _endpoint(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        msg = "an endpoint is the address of an S3 server, such as https://s3.example.com"
        raise ValueError(msg)
    return value


Endpoint = Annotated[
    str,
    AfterValidator(_endpoint),
    WithJsonSchema({"type": "string", "pattern": "^https?://[^/]"}),
]


class ShareDestination(Strict):
    """Files in a folder, by report and year; never overwritten."""

    kind: Literal["share"] = Field(description="Files the documents in a folder.")
    path: Path | None = Field(
        None, description="An existing folder; mounted, if it is a network share. Or give url."
    )
    url: ShareUrl | None = Field(
        None, description="An existing folder on a server: sftp, smb, s3, webdav, webdavs or file."
    )
    username: str | None = Field(None, description="Login; for S3 the access key.")
    password: Secret | None = Field(
        None, description="env:NAME or file:PATH: of the user, of the key; for S3 the secret key."
    )
    key: Path | None = Field(None, description="Private key file (SFTP).")
    known_hosts: Path | None = Field(
        None, description="The server's host keys (SFTP); default: ~/.ssh/known_hosts."
    )
    endpoint: Endpoint | None = Field(None, description="Address of the S3 server; default: AWS.")
    region: str | None = Field(None, description="Region (S3); default: the environment's.")
    ca: Path | None = Field(
        None, description="CA bundle (PEM) for S3 and webdavs; default: the system's."
    )
    timeout: Duration = Field(timedelta(seconds=60), description="Time limit of one step.")
    link: str | None = Field(
        None, description="URL under which readers find the folder; mails then link to the files."
    )

    @field_validator("url")
    @classmethod
    def _not_both(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and info.data.get("path") is not None:
            msg = "give either path or url, not both"
            raise ValueError(msg)
        return value

    @field_validator(
        "username", "password", "key", "known_hosts", "endpoint", "region", "ca", "timeout"
    )
    @classmethod
    def _fits_the_protocol(cls, value: Any, info: ValidationInfo) -> Any:
        if value is None or "url" not in info.data or info.field_name is None:
            return value
        url = info.data["url"]
        protocol = "file" if url is None else parse_share_url(url).protocol
        if info.field_name not in KEYS[protocol]:
            raise ValueError(_does_not_fit(info.field_name, protocol, by_path=url is None))
        return value

    @model_validator(mode="after")
    def _whole(self) -> ShareDestination:
        if self.path is None and self.url is None:
            msg = "'path' or 'url' is missing: give one of them"
            raise ValueError(msg)
        if self.url is not None:
            _check_login(self, parse_share_url(self.url).protocol)
        return self


def _does_not_fit(key: str, protocol: str, *, by_path: bool) -> str:
    fitting = one_of(f"{one}://" for one, keys in KEYS.items() if key in keys)
    if by_path:
        return f"{key} goes with a url of {fitting}, not with path"
    return f"{key} goes with {fitting}, not with {protocol}://"


def _check_login(share: ShareDestination, protocol: str) -> None:
    named, secret = share.username is not None, share.password is not None
    if protocol == "sftp" and not named:
        msg = "'username' is missing: SFTP needs one; password or key go with it"
    elif protocol == "smb" and not (named and secret):
        msg = f"{'password' if named else 'username'!r} is missing: SMB needs both"
    elif protocol != "sftp" and named != secret:
        msg = "username and password belong together: give both or neither"
    elif protocol == "webdav" and secret:
        msg = "a password is never sent in the clear: write webdavs:// in the url"
    else:
        return
    raise ValueError(msg)
