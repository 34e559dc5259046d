from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext

import pytest
import trustme

from slo_reports.model import Bundle, Document, MailBody, Summary

PNG = bytes.fromhex("89504e470d0a1a0a") + bytes(range(256)) * 3


@pytest.fixture
def bundle() -> Bundle:
    return Bundle(
        report="monthly",
        period_id="2026-10",
        revision=1,
        date=datetime(2026, 11, 2, 5, tzinfo=UTC),
        documents=(
            Document("monthly-2026-10.html", "text/html", "<h1>Grüße</h1>".encode()),
            Document("monthly-2026-10.pdf", "application/pdf", b"%PDF-1.7\r\n.\r\n" * 900),
            Document("monthly-2026-10.json", "application/json", b"{}"),
        ),
        mail=MailBody(
            subject="SLO report October 2026 – 3 of 12 missed",
            text="checkout: 99.90 %\n.\n..dots\nGrüße\n" + "w" * 1500 + "\n",
            html="<p>Grüße</p><img src='cid:burn-1.png'>" + "<b>x</b>" * 300,
            images=(Document("burn-1.png", "image/png", PNG),),
        ),
        summary=Summary(
            title="Shop",
            period="October 2026",
            headline="Shop, October 2026: 9 of 12 objectives met",
            worst="Worst: Checkout availability, missed: 99.882 % against 99.9 %",
            action="First: Hold releases of checkout (Team Basket, now)",
            objectives=12,
            met=9,
            links=(
                ("html", "https://reports.example.com/monthly.html"),
                ("pdf", "https://reports.example.com/monthly.pdf"),
            ),
        ),
    )


@dataclass(frozen=True)
class Certificates:
    """A server's certificate for 127.0.0.1, and the authority that clients must be given."""

    server: SSLContext
    ca: Path
    issued: trustme.LeafCert


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    authority = trustme.CA()
    context = SSLContext(PROTOCOL_TLS_SERVER)
    issued = authority.issue_cert("127.0.0.1")
    issued.configure_cert(context)
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return Certificates(context, path, issued)
