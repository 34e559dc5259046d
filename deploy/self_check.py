"""Whether an installation is whole: its parts, certificates to trust servers by, and a page.

Run by the interpreter of the installation, when the container image or the Debian package is made.
"""

import ssl
from importlib import import_module

PARTS = (
    "aiosmtpd", "alembic", "apscheduler", "babel", "bcrypt", "botocore", "cryptography",
    "distributed", "fsspec", "grafana_foundation_sdk", "holidays", "httpx", "icalendar",
    "jinja2", "lxml", "nacl", "numpy", "pandas", "paramiko", "pebble", "pikepdf", "psycopg",
    "pyarrow.dataset", "pyarrow.parquet", "pydantic", "recurring_ical_events", "resvg_py",
    "rich", "s3fs", "slo_reports.cli", "slo_reports.collect.raw.reading", "smbclient",
    "sqlalchemy", "typer", "weasyprint", "xlsxwriter", "yaml",
)  # fmt: skip

for part in PARTS:
    import_module(part)
if not ssl.create_default_context().get_ca_certs():
    message = "no certificates to trust servers by: ca-certificates is missing"
    raise SystemExit(message)
page = import_module("weasyprint").HTML(string="<p>Whole").write_pdf()
if not page.startswith(b"%PDF"):
    message = "Pango draws no page"
    raise SystemExit(message)
