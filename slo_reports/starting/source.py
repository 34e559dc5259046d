"""The source of a folder that is only being made: its settings, and whether they can be."""

from __future__ import annotations

from datetime import timedelta

from pydantic import ValidationError

from slo_reports.errors import ConfigurationError
from slo_reports.settings.schema import BasicAuth, SourceSettings

PASSWORD = "env:PROMETHEUS_PASSWORD"  # noqa: S105  # where it is, not what it is
_PATIENCE = timedelta(seconds=10)


def source_settings(url: str, token: str | None = None, user: str | None = None) -> SourceSettings:
    """How a source is asked once, quickly.

    Args:
        url: its base URL, without /api/v1.
        token: where its bearer token is, ``env:NAME`` or ``file:PATH``.
        user: its user's name; the password is in ``PROMETHEUS_PASSWORD``.

    Raises:
        ConfigurationError: one of them cannot be used; says which and why.
    """
    auth = None if user is None else BasicAuth.model_validate(
        {"username": user, "password": PASSWORD}
    )  # fmt: skip
    asked = {"url": url, "bearer_token": token, "basic_auth": auth}
    try:
        settings = SourceSettings.model_validate(asked)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = first["loc"][0] if first["loc"] else "source"
        msg = f"{where}: {first['msg'].removeprefix('Value error, ')}"
        raise ConfigurationError(msg) from error
    return settings.model_copy(update={"timeout": _PATIENCE, "retries": 0})
