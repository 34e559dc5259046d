"""A report that is filed, mailed and told to a chat."""

from __future__ import annotations

import pytest
from support.command import slo_reports
from support.mail_server import Mailbox, mail_server
from support.shop import shop_prometheus, write_config
from support.webhook_server import HANG, Webhook, slack_fault, webhook_server

pytestmark = pytest.mark.e2e

PERIOD = "2026-10-19..2026-10-21"
CHAT = """\
destinations:
  room: {kind: slack, url: env:ROOM, channel: "#slo", timeout: 2s}
"""


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory):
    with shop_prometheus(tmp_path_factory.mktemp("shop")) as url:
        yield url


def run(folder, room):
    return slo_reports("run", "shop", "--period", PERIOD, cwd=folder, ROOM=room)


def test_a_chat_is_told_last_and_once_with_the_link_to_what_was_filed(prometheus, tmp_path):
    webhook = Webhook(check=slack_fault, answers=[(503, "busy"), HANG])
    with mail_server(Mailbox()) as mailbox, webhook_server(webhook):
        path = write_config(tmp_path, prometheus, mailbox.port)
        text = path.read_text().replace("destinations:\n", CHAT, 1)
        path.write_text(text.replace("[archive, people]", "[room, archive, people]"))
        busy, silent, told, again = (run(tmp_path, webhook.url) for _ in range(4))
    assert [one.returncode for one in (busy, silent, told, again)] == [6, 6, 0, 0]
    assert busy.stdout.splitlines()[-1].startswith("  ✗ room: #slo: deferred; 127.0.0.1 refused")
    assert "room: #slo: uncertain; 127.0.0.1 gave no answer" in silent.stdout
    assert "  ✓ room: #slo: delivered; posted to 127.0.0.1: 200 ok" in told.stdout
    assert "nothing new to deliver" in again.stdout
    assert len({one.body for one in webhook.posts}) == 1
    assert len(webhook.posts) == 3
    message = webhook.posts[0].json()
    assert message["blocks"][0]["text"]["text"].startswith("Shop, 19 to 20 October 2026: ")
    assert f"https://reports.example.com/shop/2026/shop_{PERIOD}.html" in message["text"]
    everything = b"".join(one.read_bytes() for one in tmp_path.rglob("*") if one.is_file())
    assert b"XXXXsecretXXXX" not in everything
