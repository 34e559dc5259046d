"""What a person answers to ``init``, and what is answered for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from slo_reports.settings.mail import is_local

URL = "http://localhost:9090"
TITLE = "Services"
SHARE = "reports"
REPORT = "monthly"
"""The name of the report that is written."""
_PORTS = {"starttls": 587, "tls": 465, "none": 25}


@dataclass(frozen=True)
class Answers:
    """What a folder is made from.

    Attributes:
        share: a folder, seen from the settings' own, or a URL.
        mail_to: nobody: no mail destination is written.
        smtp: ``host`` or ``host:port``.
        smtp_user: empty: the server asks for no login.
        token: where the source's token is; empty: it asks for none.
        user: of the source; empty: it asks for none.
    """

    folder: Path
    url: str = URL
    timezone: str = "UTC"
    title: str = TITLE
    share: str = SHARE
    mail_to: tuple[str, ...] = ()
    mail_from: str = ""
    smtp: str = "localhost"
    smtp_user: str = ""
    token: str = ""
    user: str = ""

    @property
    def sender(self) -> str:
        """The address in From: the one given, else one of the first recipient's domain."""
        return self.mail_from or f"slo-reports@{self.mail_to[0].rpartition('@')[2]}"

    @property
    def server(self) -> tuple[str, int, str]:
        """Host, port and security of the SMTP server, from the port where one is given."""
        found = re.fullmatch(r"(.+):([0-9]{1,5})", self.smtp)
        host, port = (found[1], int(found[2])) if found else (self.smtp, 0)
        if port == _PORTS["tls"]:
            security = "tls"
        elif is_local(host):
            security = "none"
        else:
            security = "starttls"
        return host, port or _PORTS[security], security

    @property
    def makes_share(self) -> Path | None:
        """The folder of the share, where it is one of ours to make."""
        return self.folder / SHARE if self.share == SHARE else None
