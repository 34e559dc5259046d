"""The bytes that each kind of chat is posted; every name in them is text and nothing else.

Slack reads ``plain_text`` as it stands and ``mrkdwn`` only where we put a link; Teams reads the
runs of a ``RichTextBlock`` as they stand, whereas a ``TextBlock`` would be Markdown.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any
from urllib.parse import quote

from slo_reports.language import speaking, tr
from slo_reports.model import Bundle, Summary

VERSION = 1
"""Of the webhook's JSON; see docs/webhook.schema.json."""
_KEPT_IN_URLS = ":/?#[]@!$&'()*+,;=%~"
_LONGEST_HEADER = 150
_LONGEST_SECTION = 3000


def idempotency_key(bundle: Bundle, destination: str) -> str:
    """The same for the same report, period, revision and destination."""
    parts = [bundle.report, bundle.period_id, bundle.revision, destination]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def slack_payload(summary: Summary) -> bytes:
    """A message for an incoming webhook: blocks, and the same as text where none are shown."""
    links = " · ".join(f"<{_address(url)}|{_escaped(words)}>" for words, url in _links(summary))
    lines = (summary.headline, summary.worst, summary.action)
    text = "\n".join([*(_without_mentions(_escaped(line)) for line in lines), links]).strip()
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": _plain(summary.headline, _LONGEST_HEADER)},
        {"type": "section", "text": _plain(summary.worst, _LONGEST_SECTION)},
        {"type": "section", "text": _plain(summary.action, _LONGEST_SECTION)},
    ]
    if links:
        link = {"type": "mrkdwn", "text": links, "verbatim": True}
        blocks.append({"type": "section", "text": link})
    return _bytes({"text": text, "blocks": blocks, "unfurl_links": False, "unfurl_media": False})


def teams_payload(summary: Summary) -> bytes:
    """A message with an Adaptive Card for a webhook of Teams' Workflows."""
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": summary.headline,
        "msteams": {"width": "Full"},
        "body": [
            _runs(summary.headline, weight="Bolder", size="Medium"),
            _runs(summary.worst),
            _runs(summary.action),
        ],
        "actions": [
            {"type": "Action.OpenUrl", "title": words, "url": url} for words, url in _links(summary)
        ],
    }
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return _bytes({"type": "message", "summary": summary.headline, "attachments": [attachment]})


def webhook_payload(bundle: Bundle, summary: Summary, key: str) -> bytes:
    """The documented JSON; ``key`` is the same where the same is posted again."""
    return _bytes(
        {
            "version": VERSION,
            "id": key,
            "report": bundle.report,
            "title": summary.title,
            "period": {"id": bundle.period_id, "title": summary.period},
            "revision": bundle.revision,
            "made_at": bundle.date.isoformat(),
            "objectives": {"total": summary.objectives, "met": summary.met},
            "headline": summary.headline,
            "worst": summary.worst,
            "action": summary.action,
            "links": dict(summary.links),
        }
    )


def _links(summary: Summary) -> list[tuple[str, str]]:
    with speaking(summary.language):
        words = {"html": tr("The whole report"), "pdf": tr("As PDF")}
    return [(words[form], url) for form, url in summary.links if form in words]


def _plain(text: str, longest: int) -> dict[str, Any]:
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    return {"type": "plain_text", "text": cut, "emoji": False}


def _runs(text: str, **style: str) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **style}]}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _without_mentions(text: str) -> str:
    """``@here`` with an invisible letter inside, for servers that would call everybody."""
    return re.sub(r"@(?=\w)", "@\u2060", text)


def _address(url: str) -> str:
    return _escaped(quote(url, safe=_KEPT_IN_URLS))


def _bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=True, sort_keys=True).encode()
