"""Whether an installation is whole: all that it is made of can be imported, and a page is drawn.

Run by the interpreter of the installation, when the container image or the Debian package is made.
"""

from importlib import import_module

PARTS = (
    "aiosmtpd", "alembic", "apscheduler", "babel", "bcrypt", "botocore", "cryptography",
    "distributed", "fsspec", "grafana_foundation_sdk", "holidays", "httpx", "icalendar",
    "jinja2", "lxml", "nacl", "numpy", "pandas", "paramiko", "pebble", "pikepdf", "psycopg",
    "pyarrow.dataset", "pyarrow.parquet", "pydantic", "recurring_ical_events", "resvg_py",
    "rich", "s3fs", "slo_reports.cli", "smbclient", "sqlalchemy", "typer", "weasyprint",
    "xlsxwriter", "yaml",
)  # fmt: skip

for part in PARTS:
    import_module(part)
page = import_module("weasyprint").HTML(string="<p>Whole").write_pdf()
if not page.startswith(b"%PDF"):
    message = "Pango draws no page"
    raise SystemExit(message)
