"""How a dask cluster is reached by TLS: each side shows a certificate of the cluster's own CA."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from slo_reports.errors import ConfigurationError, ExecutorError
from slo_reports.settings.executor import DaskSettings, DaskTls

if TYPE_CHECKING:
    from distributed import Security

_PATIENCE = 5.0  # seconds
_ASKS_FOR_OURS = (
    "it asks for TLS and a certificate: write tls:// in executor.address, and executor.tls"
)
_NO_TLS = (
    "it speaks no TLS: start it with --protocol tls and its certificate, or write tcp:// and no "
    "executor.tls"
)


def security(settings: DaskSettings, tls: DaskTls) -> Security:
    """What dask needs to show our certificate, and to check the others'.

    Raises:
        ConfigurationError: a file cannot be read, or is not what it should be.
        ExecutorError: the scheduler refuses our certificate, or we refuse its.
    """
    from distributed import Security  # noqa: PLC0415  # an extra, slow to import

    refused = refusal(settings)  # dask's own words would say less
    if refused is not None:
        msg = f"the dask scheduler {settings.address} cannot be used: {refused}"
        raise ExecutorError(msg)
    return Security(  # type: ignore[no-untyped-call]  # dask's are not typed
        tls_ca_file=str(tls.ca),
        tls_client_cert=str(tls.certificate),
        tls_client_key=str(tls.key),
        require_encryption=True,
    )


def refusal(settings: DaskSettings) -> str | None:
    """Why a scheduler and we do not come together; None where it is not for certificates.

    Nothing is said to it, because an answer to what was said would hide why it refuses us.

    Raises:
        ConfigurationError: a file cannot be read, or is not what it should be.
    """
    tls = settings.tls
    context = _any_certificate() if tls is None else _context(tls)
    try:
        _shake_hands(settings.address, context)
    except ssl.SSLError as error:
        return _told(error, tls)
    except OSError:
        return None
    return None if tls else _ASKS_FOR_OURS


def _told(error: ssl.SSLError, tls: DaskTls | None) -> str | None:
    refused = "ALERT" in (error.reason or "")
    if tls is None:
        return _ASKS_FOR_OURS if refused else None
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not good ({error.verify_message}): is it from {tls.ca}?"
    if not refused:
        return _NO_TLS
    return f"it refuses {tls.certificate}: is that from the CA it was given, and still valid?"


def _shake_hands(address: str, context: ssl.SSLContext) -> None:
    at = urlsplit(address)
    with (
        socket.create_connection((at.hostname or "", at.port or 0), _PATIENCE) as plain,
        context.wrap_socket(plain) as encrypted,
    ):
        encrypted.recv(1)  # with TLS 1.3 a certificate is refused only now


def _any_certificate() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _context(tls: DaskTls) -> ssl.SSLContext:
    """Checks as dask does: the CA is the cluster's own, so names do not matter."""
    _look_at_files(tls)
    try:
        context = ssl.create_default_context(cafile=tls.ca)
    except ssl.SSLError as error:
        msg = f"executor.tls.ca: {tls.ca} holds no certificate (PEM): {error}"
        raise ConfigurationError(msg) from error
    context.check_hostname = False
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    try:
        context.load_cert_chain(tls.certificate, tls.key, lambda: _no_pass_phrase(tls))
    except ssl.SSLError as error:
        msg = f"executor.tls: {tls.certificate} and {tls.key} are no pair (PEM): {error}"
        raise ConfigurationError(msg) from error
    return context


def _look_at_files(tls: DaskTls) -> None:
    for name in DaskTls.model_fields:
        try:
            getattr(tls, name).read_bytes()
        except OSError as error:
            msg = f"executor.tls.{name}: {error.filename} cannot be read: {error.strerror}"
            raise ConfigurationError(msg) from error


def _no_pass_phrase(tls: DaskTls) -> str:
    """In place of OpenSSL's question at a terminal, which nobody sees under cron."""
    msg = f"executor.tls.key: {tls.key} has a pass phrase; write the key without one"
    raise ConfigurationError(msg)
