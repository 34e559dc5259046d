from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from support.postgres import new_database, running_postgres

from slo_reports.ledger import Ledger
from slo_reports.model import Document, Parcel, ReportRequest, Snapshot
from slo_reports.periods import Period, month

OCTOBER = month(2026, 10, "Europe/Berlin")
NOW = datetime(2026, 11, 2, 5, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def october() -> Period:
    return OCTOBER


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with running_postgres() as url:
        yield url


@pytest.fixture
def postgres(postgres_server) -> str:
    """The URL of an empty database."""
    return new_database(postgres_server)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.e2e)])
def postgres_url_or_none(request) -> str | None:
    return request.getfixturevalue("postgres") if request.param == "postgresql" else None


@pytest.fixture
def open_ledger(postgres_url_or_none, tmp_path) -> Callable[[], Ledger]:
    """Opens the same ledger each time it is called."""
    return lambda: Ledger.open(tmp_path / "state", postgres_url_or_none)


@pytest.fixture
def snapshot_of() -> Callable[..., Snapshot]:
    def make(period: Period = OCTOBER, revision: int = 1, title: str = "SLOs") -> Snapshot:
        return Snapshot(
            request=ReportRequest(name="monthly", title=title, author="SRE"),
            period=period,
            subjects=(),
            incidents=(),
            provenance=(),
            frozen_at=NOW,
            revision=revision,
        )

    return make


@pytest.fixture
def documents() -> tuple[Document, ...]:
    return (
        Document("monthly-2026-10.html", "text/html", b"<h1>October</h1>"),
        Document("monthly-2026-10.pdf", "application/pdf", b"%PDF" * 500),
    )


@pytest.fixture
def parcels(documents: tuple[Document, ...]) -> tuple[Parcel, ...]:
    pdf = documents[1]
    return (
        Parcel("archive", f"monthly/2026/{pdf.name}", pdf.media_type, pdf.content),
        Parcel("board", "a@example.com", "message/rfc822", b"To: a\r\n\r\nhi\r\n", "<1@x>"),
        Parcel("board", "b@example.com", "message/rfc822", b"To: b\r\n\r\nhi\r\n", "<2@x>"),
    )
