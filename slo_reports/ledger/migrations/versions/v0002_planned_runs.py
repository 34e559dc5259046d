"""Runs are on record from the moment they fall due; retries have a time; failures are told once.

``contents`` holds the frozen bytes where several machines share one ledger (PostgreSQL).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from slo_reports.ledger.migrations.append_only import make_append_only

revision = "0002"
down_revision = "0001"

_INSTANT = sa.String(32)


def upgrade() -> None:
    """Add what is new; runs from before are all frozen, their zone unknown and their due time."""
    frozen = sa.Column("state", sa.String(20), nullable=False, server_default="frozen")
    op.add_column("runs", frozen)
    op.add_column("runs", sa.Column("reason", sa.Text, nullable=False, server_default=""))
    op.add_column("runs", sa.Column("zone", sa.String(100), nullable=False, server_default=""))
    op.add_column("runs", sa.Column("due_at", _INSTANT))
    op.add_column("runs", sa.Column("headline", sa.Text, nullable=False, server_default=""))
    op.add_column("deliveries", sa.Column("next_try_at", _INSTANT))
    op.create_table(
        "makings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("run_id", sa.Integer, sa.ForeignKey("runs.id"), nullable=False, index=True),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
    )
    make_append_only("makings")
    op.create_table(
        "contents",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "told",
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("first_told_at", _INSTANT, nullable=False),
        sa.Column("last_told_at", _INSTANT, nullable=False),
    )
