"""A report with a name and a logo, as a person sets it up: filed, mailed, and made again."""

from __future__ import annotations

import pytest
from support.command import slo_reports
from support.mail_server import Mailbox, mail_server
from support.shop import shop_prometheus, write_config

pytestmark = pytest.mark.e2e

PERIOD = ("--period", "2026-10-19..2026-10-21")
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 30"><path d="M0 0h9v9z"/></svg>'
BRAND = """\
brand:
  organisation: Example Ltd
  logo: logo.svg
  band: "#3d0a54"
  footer: Example Ltd, internal
"""


def test_name_logo_and_footer_are_everywhere_and_a_later_logo_changes_no_filed_report(tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    with shop_prometheus(tmp_path / "shop") as url, mail_server(Mailbox()) as mailbox:
        settings = write_config(folder, url, mailbox.port)
        settings.write_text(settings.read_text() + BRAND)
        (folder / "logo.svg").write_text(LOGO)
        done = slo_reports("run", "shop", *PERIOD, cwd=folder)
        assert done.returncode == 0, done.stdout + done.stderr
    (page,) = (folder / "share").rglob("shop_*.html")
    for filed in (page, folder / "share" / "index.html"):
        text = filed.read_text()
        assert "Example Ltd, " in text
        assert "data:image/svg+xml;base64," in text
        assert "Example Ltd, internal" in text
    (data,) = (folder / "share").rglob("shop_*.json")
    assert b"svg+xml" not in data.read_bytes()
    message = mailbox.messages()[0]
    pictures = {one["Content-ID"]: one.get_content() for one in message.walk() if one["Content-ID"]}
    assert pictures["<logo.png>"].startswith(b"\x89PNG")
    (folder / "logo.svg").unlink()
    settings.write_text(settings.read_text().replace("  logo: logo.svg\n", ""))
    checked = slo_reports("verify", "shop", *PERIOD, cwd=folder)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "rendered again byte for byte" in checked.stdout
