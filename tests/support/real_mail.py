"""A real Postfix and a real Dovecot over the same Maildirs, in a folder that goes with them.

Postfix takes mail for ``USERS`` at example.com (from this machine without a login, with STARTTLS
and a login by Dovecot's SASL where a client wants) and delivers it into their mailboxes; Dovecot
shows these over IMAP. Passwords are ``PASSWORD``; tokens are made by ``RealMail.token``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import trustme

from slo_reports.demo.prometheus import free_port, stop

USERS = ("director", "cto", "archive")
PASSWORD = "correct-horse-battery"
_KEY = b"only a test knows this key: 32 b"
_MASTER = Path("/usr/lib/postfix/sbin/master")
_NOBODY = 65534


@dataclass(frozen=True)
class RealMail:
    """Where the servers listen, and what lies in the mailboxes."""

    folder: Path
    smtp_port: int
    imap_port: int
    imaps_port: int
    host: str = "127.0.0.1"

    @property
    def ca(self) -> Path:
        """The authority that signed the servers' certificates."""
        return self.folder / "ca.pem"

    @property
    def password_file(self) -> Path:
        """A file with the password of every user."""
        return self.folder / "password"

    def address(self, user: str) -> str:
        """A user's mail address."""
        return f"{user}@example.com"

    def token(self, user: str, *, good_for: int = 3600) -> str:
        """An access token (JWT) that both servers take for a user [s]; old where that is past."""
        now = int(time.time())
        claims = {"sub": user, "iat": now - 7200, "exp": now + good_for}
        body = b".".join(
            _url_safe(json.dumps(part).encode())
            for part in ({"alg": "HS256", "typ": "JWT"}, claims)
        )
        signature = _url_safe(hmac.new(_KEY, body, hashlib.sha256).digest())
        return (body + b"." + signature).decode()

    def messages(self, user: str) -> list[bytes]:
        """What lies in a user's inbox, oldest first, as it was stored (line ends are LF)."""
        box = self.folder / "mail" / user
        found = [*box.glob("new/*"), *box.glob("cur/*")]
        return [one.read_bytes() for one in sorted(found, key=lambda one: one.stat().st_mtime_ns)]

    def wait_for(self, user: str, number: int, *, patience: float = 20) -> list[bytes]:
        """The messages of a user once there are so many [s]."""
        deadline = time.monotonic() + patience
        while len(found := self.messages(user)) < number and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(found) >= number, self.log()
        return found

    def wait_until_idle(self, *, patience: float = 20) -> None:
        """Wait until Postfix has delivered all that it took [s]."""
        deadline = time.monotonic() + patience
        queues = [self.folder / "queue" / name for name in ("maildrop", "incoming", "active")]
        while any(one.is_file() for queue in queues for one in queue.rglob("*")):
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.05)

    def log(self) -> str:
        """What the servers say about themselves."""
        logs = (self.folder / name for name in ("postfix.log", "dovecot.log"))
        return "\n".join(one.read_text()[-4000:] for one in logs if one.exists())


def why_no_real_mail() -> str:
    """Why these servers cannot run here; empty where they can."""
    if not _MASTER.exists() or shutil.which("postfix") is None:
        return "no Postfix here: apt-get install postfix"
    if shutil.which("dovecot") is None:
        return "no Dovecot here: apt-get install dovecot-imapd"
    return "" if os.geteuid() == 0 else "Postfix and Dovecot need root to be started"


@contextmanager
def real_mail() -> Iterator[RealMail]:
    """Run both servers until the block ends; where they cannot run, the test is skipped.

    On CI their absence is a failure.
    """
    why = why_no_real_mail()
    if why and os.environ.get("CI"):
        pytest.fail(f"CI must have Postfix and Dovecot: {why}")
    if why:
        pytest.skip(why)
    with TemporaryDirectory(prefix="slo-reports-mail-") as place, ExitStack() as servers:
        mail = RealMail(Path(place), free_port(), free_port(), free_port())
        _prepare(mail)
        etc = mail.folder / "etc"
        servers.enter_context(_running(mail, "dovecot", "-F", "-c", f"{etc}/dovecot.conf"))
        servers.enter_context(_running(mail, str(_MASTER), "-d", "-c", str(etc)))
        for port in (mail.smtp_port, mail.imap_port, mail.imaps_port):
            _wait_for_port(mail, port)
        yield mail


@contextmanager
def _running(mail: RealMail, *command: str) -> Iterator[None]:
    with (mail.folder / "output.log").open("ab") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield
    finally:
        stop(process)


def _wait_for_port(mail: RealMail, port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            with socket.create_connection((mail.host, port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    output = (mail.folder / "output.log").read_text()
    msg = f"nothing listens on port {port}: {output}\n{mail.log()}"
    raise AssertionError(msg)


def _prepare(mail: RealMail) -> None:
    folder = mail.folder
    folder.chmod(0o755)  # the servers' own users look into it
    for name in ("etc", "queue", "data", "mail", "keys/default/HS256"):
        (folder / name).mkdir(parents=True)
    shutil.chown(folder / "data", "postfix", "postfix")
    shutil.chown(folder / "mail", _NOBODY, _NOBODY)
    mail.password_file.write_text(PASSWORD + "\n")
    (folder / "keys/default/HS256/default").write_bytes(base64.b64encode(_KEY))
    authority = trustme.CA()
    authority.cert_pem.write_to_path(mail.ca)
    authority.issue_cert("127.0.0.1", "localhost").private_key_and_cert_chain_pem.write_to_path(
        folder / "server.pem"
    )
    etc = folder / "etc"
    (etc / "boxes").write_text("".join(f"{mail.address(one)} {one}/\n" for one in USERS))
    (etc / "main.cf").write_text(_main_cf(folder))
    (etc / "master.cf").write_text(_MASTER_CF.format(port=mail.smtp_port))
    (etc / "oauth2.conf").write_text(_OAUTH2.format(folder=folder))
    (etc / "dovecot.conf").write_text(_dovecot_conf(mail))
    subprocess.run(["postfix", "-c", str(etc), "check"], check=True, capture_output=True)


def _main_cf(folder: Path) -> str:
    return f"""\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = {_MASTER.parent}
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
myhostname = mail.example.com
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks =
alias_maps =
alias_database =
default_transport = error:5.4.0 nothing leaves this machine
virtual_mailbox_domains = example.com
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = texthash:{folder}/etc/boxes
virtual_uid_maps = static:{_NOBODY}
virtual_gid_maps = static:{_NOBODY}
virtual_mailbox_limit = 0
mailbox_size_limit = 0
message_size_limit = 3000000
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_tls_cert_file = {folder}/server.pem
smtpd_tls_key_file = {folder}/server.pem
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {folder}/queue/auth
"""


_MASTER_CF = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"""

_OAUTH2 = """\
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={folder}/keys/
username_attribute = sub
"""


def _dovecot_conf(mail: RealMail) -> str:
    folder = mail.folder
    return f"""\
base_dir = {folder}/dovecot
state_dir = {folder}/dovecot-state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.pem
mail_location = maildir:{folder}/mail/%n
auth_mechanisms = plain login xoauth2
auth_failure_delay = 0 secs
first_valid_uid = 1
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/etc/oauth2.conf
}}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={_NOBODY} gid={_NOBODY} home={folder}/mail/%n allow_all_users=yes
}}
service auth {{
  unix_listener {folder}/queue/auth {{
    mode = 0666
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {mail.imap_port}
  }}
  inet_listener imaps {{
    port = {mail.imaps_port}
    ssl = yes
  }}
}}
"""


def _url_safe(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")
