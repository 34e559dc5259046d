"""Objects in an S3 bucket (AWS, MinIO, SeaweedFS, Ceph and others).

An object appears whole or not at all, so nothing is written beside its place; that it is never
put over another one is the store's own doing (``If-None-Match: *``), and is looked after.
"""

from __future__ import annotations

import logging
import mimetypes
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    HTTPClientError,
)

from slo_reports.deliver.store import Published, temporary_name
from slo_reports.deliver.trouble import (
    Trouble,
    is_different,
    is_missing,
    no_secret,
    reads_back_differently,
)
from slo_reports.errors import ConfigurationError
from slo_reports.settings.share_urls import ShareAddress
from slo_reports.settings.shares import ShareDestination

logging.getLogger("botocore").addHandler(logging.NullHandler())  # what it logs, we raise

_GONE = {"NoSuchKey", "404", "NotFound"}
_TAKEN = {"PreconditionFailed", "412", "ConditionalRequestConflict", "409"}
_NO_CONDITIONS_HERE = {"NotImplemented", "501"}
_LOGIN = {"InvalidAccessKeyId", "SignatureDoesNotMatch", "AuthFailure", "ExpiredToken"}
_HELP = {
    "NoSuchBucket": "make the bucket, or mend the url in the settings",
    "AccessDenied": "give these keys the right to get, put and delete objects there",
    "403": "give these keys the right to get, put and delete objects there",
}


class S3Store:
    """Objects below a prefix of a bucket that must exist."""

    def __init__(self, settings: ShareDestination, address: ShareAddress) -> None:
        self._settings = settings
        self._bucket = address.host
        self._prefix = "/".join(address.folder)
        self._shown = f"s3://{address.host}/{self._prefix}".rstrip("/")
        self._client: Any = None

    def place(self, names: Sequence[str]) -> str:
        """The URL, with its letters as they are."""
        return "/".join((self._shown, *names))

    def reach(self) -> None:
        """Connect, log in and look at the bucket."""
        with self._told(f"look into {self._shown}"):
            self._s3().list_objects_v2(Bucket=self._bucket, Prefix=self._prefix, MaxKeys=1)

    def create(self, names: Sequence[str], content: bytes) -> Published:
        """Put a new object there, unless its key is taken."""
        with self._told(f"write {self.place(names)}"):
            if self._same_is_there(names, content):
                return Published.ALREADY_THERE
            won = self._put_new(names, content)
            if self._same_is_there(names, content):
                return Published.WRITTEN if won else Published.ALREADY_THERE
        raise reads_back_differently(self.place(names))

    def read(self, names: Sequence[str]) -> bytes:
        """An object's content."""
        with self._told(f"read {self.place(names)}"):
            content = self._get(names)
        if content is None:
            raise is_missing(self.place(names))
        return content

    def replace(self, names: Sequence[str], content: bytes) -> None:
        """Put an object there whatever was in its place."""
        with self._told(f"write {self.place(names)}"):
            self._put(names, content)

    def try_out(self) -> None:
        """Write a trial object, try to write it again, read it back and remove it."""
        names, content = (temporary_name(),), b"slo-reports was here"
        with self._told(f"write into {self._shown}"):
            self._put_new(names, content)
            came_back = self._get(names)
            self._s3().delete_object(Bucket=self._bucket, Key=self._key(names))
        if came_back != content:
            raise reads_back_differently(self.place(names))

    def close(self) -> None:
        """Hang up."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _key(self, names: Sequence[str]) -> str:
        return "/".join((self._prefix, *names)).lstrip("/")

    def _get(self, names: Sequence[str]) -> bytes | None:
        try:
            found = self._s3().get_object(Bucket=self._bucket, Key=self._key(names))
        except ClientError as error:
            if _code(error) in _GONE:
                return None
            raise
        with found["Body"] as body:
            content: bytes = body.read()
            return content

    def _same_is_there(self, names: Sequence[str], content: bytes) -> bool:
        present = self._get(names)
        if present is None or present == content:
            return present is not None
        raise is_different(self.place(names), present, content)

    def _put_new(self, names: Sequence[str], content: bytes) -> bool:
        """Whether it was us who put the object there.

        A store that knows no conditions refuses them (501): then it is put without, after the
        look that ``create`` had.
        """
        try:
            self._put(names, content, IfNoneMatch="*")
        except ClientError as error:
            if _code(error) in _TAKEN:
                return False
            if _code(error) not in _NO_CONDITIONS_HERE:
                raise
            self._put(names, content)
        return True

    def _put(self, names: Sequence[str], content: bytes, **condition: str) -> None:
        self._s3().put_object(
            Bucket=self._bucket,
            Key=self._key(names),
            Body=content,
            ContentType=mimetypes.guess_type(names[-1])[0] or "application/octet-stream",
            **condition,
        )

    def _s3(self) -> Any:
        if self._client is None:
            self._client = self._opened()
        return self._client

    def _opened(self) -> Any:
        settings, seconds = self._settings, self._settings.timeout.total_seconds()
        secret = None if settings.password is None else settings.password.reveal()
        return botocore.session.Session().create_client(
            "s3",
            region_name=settings.region,
            endpoint_url=settings.endpoint,
            aws_access_key_id=settings.username,
            aws_secret_access_key=secret,
            verify=None if settings.ca is None else str(settings.ca),
            config=Config(
                connect_timeout=seconds,
                read_timeout=seconds,
                retries={"total_max_attempts": 1},  # the ledger tries again
                s3={"addressing_style": "auto" if settings.endpoint is None else "path"},
                request_checksum_calculation="when_required",  # others than AWS choke on more
                response_checksum_validation="when_required",
            ),
        )

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        try:
            yield
        except ConfigurationError as error:
            raise no_secret(self._shown, error) from error
        except ClientError as error:
            raise self._refused(what, error) from error
        except (EndpointConnectionError, HTTPClientError) as error:
            self.close()
            seen = f"could not {what}: {_reason(error)}"
            raise Trouble(seen, "is the server up?") from error
        except (BotoCoreError, OSError, ValueError) as error:
            self.close()
            seen = f"could not {what}: {error}"
            raise Trouble(seen, "look at endpoint, region and keys in the settings") from error

    def _refused(self, what: str, error: ClientError) -> Trouble:
        code = _code(error)
        said = str(error.response.get("Error", {}).get("Message", "")).strip().rstrip(".")
        seen = f"could not {what}: {f'{said} ({code})' if said else code}"
        if code in _LOGIN:
            return Trouble(seen, "mend username (access key) and password (secret key)")
        return Trouble(seen, _HELP.get(code, "it will be tried again"))


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _reason(error: BotoCoreError) -> str:
    if "Timeout" in type(error).__name__:
        return "no answer within the time limit"
    if isinstance(error, EndpointConnectionError):
        return "no connection to the endpoint"
    cause = error.kwargs.get("error")
    return str(cause).rpartition(": ")[2].strip("')") or type(error).__name__
