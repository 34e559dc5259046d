"""How a server is reached: credentials, headers, certificates."""

from __future__ import annotations

import ssl

import httpx

from slo_reports.errors import ConfigurationError
from slo_reports.settings.schema import AlertmanagerSettings, Secret, SourceSettings

Reached = SourceSettings | AlertmanagerSettings


def basic_auth(settings: Reached) -> httpx.BasicAuth | None:
    """User name and password, where the settings have them."""
    auth = settings.basic_auth
    return httpx.BasicAuth(auth.username, auth.password.reveal()) if auth else None


def headers_of(settings: Reached) -> dict[str, str]:
    """The headers that go with each request, a token's among them."""
    headers = {
        name: value.reveal() if isinstance(value, Secret) else value
        for name, value in settings.headers.items()
    }
    if settings.bearer_token is not None:
        headers["Authorization"] = f"Bearer {settings.bearer_token.reveal()}"
    return headers


def tls_context(settings: Reached, where: str) -> ssl.SSLContext:
    """How the server's certificate is checked, and ours shown.

    Raises:
        ConfigurationError: a file of certificates cannot be used; ``where`` names the setting.
    """
    tls = settings.tls
    try:
        context = ssl.create_default_context(cafile=tls.ca)
        if tls.certificate is not None:
            context.load_cert_chain(tls.certificate, tls.key)
    except (OSError, ssl.SSLError) as error:
        msg = f"{where}: a certificate file could not be used: {error}"
        raise ConfigurationError(msg) from error
    return context
