"""Certificates that cannot be used are told by their files, before anybody is called."""

import re
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives import serialization as plain

from slo_reports.errors import ConfigurationError
from slo_reports.executing.securing import refusal
from slo_reports.settings.executor import DaskSettings


@pytest.fixture
def pair(tmp_path):
    """The files of a coordinator, by the settings' names."""
    authority = trustme.CA()
    issued = authority.issue_cert("coordinator")
    files = {name: tmp_path / f"{name}.pem" for name in ("ca", "certificate", "key")}
    authority.cert_pem.write_to_path(files["ca"])
    issued.cert_chain_pems[0].write_to_path(files["certificate"])
    issued.private_key_pem.write_to_path(files["key"])
    return files


def refused(pair):
    """What is said where nobody listens."""
    return refusal(DaskSettings(kind="dask", address="tls://127.0.0.1:1", tls=pair))


def with_pass_phrase(path: Path):
    key = plain.load_pem_private_key(path.read_bytes(), None)
    kind, secret = plain.PrivateFormat.PKCS8, plain.BestAvailableEncryption(b"open sesame")
    path.write_bytes(key.private_bytes(plain.Encoding.PEM, kind, secret))


def test_files_that_fit_together_are_not_complained_about(pair):
    assert refused(pair) is None


@pytest.mark.parametrize("name", ["ca", "certificate", "key"])
def test_a_file_that_is_not_there_is_named(pair, name):
    pair[name].unlink()
    with pytest.raises(ConfigurationError, match=rf"executor\.tls\.{name}: .*{name}\.pem cannot"):
        refused(pair)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda pair: pair["ca"].write_text("none\n"), "executor.tls.ca: {ca} holds no certifica"),
        (lambda pair: pair["key"].write_text("none\n"), "{certificate} and {key} are no pair"),
        (
            lambda pair: trustme.CA().issue_cert("x").private_key_pem.write_to_path(pair["key"]),
            "{certificate} and {key} are no pair (PEM): [X509: KEY_VALUES_MISMATCH]",
        ),
        (lambda pair: with_pass_phrase(pair["key"]), "executor.tls.key: {key} has a pass phrase"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_named(pair, spoil, told):
    spoil(pair)
    with pytest.raises(ConfigurationError, match=re.escape(told.format(**pair))):
        refused(pair)
