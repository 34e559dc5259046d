"""Files on an SSH server, by SFTP; its host key must be known beforehand."""

from __future__ import annotations

import errno
import logging
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

import paramiko

from slo_reports.deliver.trouble import Trouble, no_secret
from slo_reports.errors import ConfigurationError
from slo_reports.settings.share_urls import ShareAddress
from slo_reports.settings.shares import ShareDestination

logging.getLogger("paramiko").addHandler(logging.NullHandler())  # what it logs, we raise

_SSH_PORT = 22
_FULL = "the server said only that it failed; is its disk full, or the quota used up?"


class SftpFiles:
    """One connection to an SSH server, opened when first needed."""

    def __init__(self, settings: ShareDestination, address: ShareAddress) -> None:
        self._settings = settings
        self._host = address.host
        self._port = address.port or _SSH_PORT
        folder = "/".join(address.folder)
        self._base = (folder or ".") if address.from_home else f"/{folder}"
        shown = f"{address.host}:{address.port}" if address.port else address.host
        self._shown = f"sftp://{shown}/{'~/' if address.from_home else ''}{folder}".rstrip("/")
        self._ssh: paramiko.SSHClient | None = None
        self._sftp: paramiko.SFTPClient | None = None

    @property
    def is_open(self) -> bool:
        """Whether a connection is held that has not failed."""
        return self._sftp is not None

    def place(self, path: str) -> str:
        """The URL, with its letters as they are."""
        return f"{self._shown}/{path}".rstrip("/")

    def reach(self) -> None:
        """Connect, log in and see that the folder is there."""
        if self._sftp is not None:
            return
        try:
            self._connect()
            self._look_at_base()
        except Trouble:
            self.close()
            raise

    def make_folder(self, path: str) -> None:
        """Make one folder, unless it is there."""
        with self._talking() as sftp:
            try:
                sftp.mkdir(self._at(path))
            except OSError:
                if not _is_folder(sftp, self._at(path)):
                    raise

    def read(self, path: str) -> bytes:
        """A file's content."""
        with self._talking() as sftp, sftp.open(self._at(path), "rb") as file:
            file.prefetch(file.stat().st_size)
            content: bytes = file.read()
            return content

    def write_new(self, path: str, content: bytes) -> None:
        """Write a file; the packets go out without waiting for each answer."""
        with self._talking() as sftp, sftp.open(self._at(path), "wx") as file:
            file.set_pipelined(pipelined=True)
            file.write(content)
            file.flush()
            if file.stat().st_size != len(content):
                raise OSError(errno.ENOSPC, _FULL)

    def move_new(self, source: str, target: str) -> None:
        """SFTP's own rename, which fails where the target is there."""
        with self._talking() as sftp:
            try:
                sftp.rename(self._at(source), self._at(target))
            except OSError as error:
                if _is_there(sftp, self._at(target)):
                    raise FileExistsError(errno.EEXIST, "a file of that name is there") from error
                raise

    def move_over(self, source: str, target: str) -> None:
        """OpenSSH's rename, which replaces; elsewhere the old file is removed before."""
        with self._talking() as sftp:
            try:
                sftp.posix_rename(self._at(source), self._at(target))
            except OSError:
                with suppress(FileNotFoundError):
                    sftp.remove(self._at(target))
                sftp.rename(self._at(source), self._at(target))

    def remove(self, path: str) -> None:
        """Remove a file."""
        with self._talking() as sftp:
            sftp.remove(self._at(path))

    def ages(self, folder: str) -> Iterable[tuple[str, float]]:
        """Names, and when each was written last."""
        with self._talking() as sftp:
            listed = sftp.listdir_attr(self._at(folder))
            return [(one.filename, one.st_mtime or 0.0) for one in listed]

    def close(self) -> None:
        """Hang up."""
        ssh, self._ssh, self._sftp = self._ssh, None, None
        if ssh is not None:
            ssh.close()

    def _at(self, path: str) -> str:
        return f"{self._base}/{path}".replace("//", "/").rstrip("/")

    def _look_at_base(self) -> None:
        with self._talking() as sftp:
            if not _is_folder(sftp, self._base):
                seen = f"the share's folder {self._shown} is not there"
                raise Trouble(seen, "make it, or mend the url in the settings")

    def _connect(self) -> None:
        self._ssh = ssh = paramiko.SSHClient()
        self._trust(ssh)
        try:
            self._log_in(ssh)
            self._sftp = ssh.open_sftp()
            self._sftp.get_channel().settimeout(self._settings.timeout.total_seconds())
        except ConfigurationError as error:
            raise no_secret(self._shown, error) from error
        except paramiko.AuthenticationException as error:
            seen = f"{self._shown} refused the login of {self._settings.username}: {error}"
            raise Trouble(seen, "mend username, password or key in the settings") from error
        except paramiko.BadHostKeyException as error:
            seen = f"the host key of {self._shown} is not the one that is known"
            raise Trouble(seen, f"somebody may be in between: {self._how_to_know()}") from error
        except (paramiko.SSHException, EOFError, OSError, ValueError) as error:
            raise self._not_reached(error) from error

    def _log_in(self, ssh: paramiko.SSHClient) -> None:
        settings, seconds = self._settings, self._settings.timeout.total_seconds()
        secret = None if settings.password is None else settings.password.reveal()
        by_agent = settings.key is None and secret is None
        ssh.connect(
            self._host,
            self._port,
            settings.username,
            password=None if settings.key else secret,
            passphrase=secret if settings.key else None,
            key_filename=str(settings.key) if settings.key else None,
            allow_agent=by_agent,
            look_for_keys=by_agent,
            timeout=seconds,
            banner_timeout=seconds,
            auth_timeout=seconds,
            channel_timeout=seconds,
        )

    def _not_reached(self, error: Exception) -> Trouble:
        if "known_hosts" in str(error):
            seen = f"the host key of {self._shown} is not known, so nothing was sent"
            return Trouble(seen, self._how_to_know())
        if isinstance(error, OSError) and error.filename is not None:
            seen = f"the key {error.filename} could not be read: {error.strerror}"
            return Trouble(seen, "mend key in the settings")
        return Trouble(f"could not reach {self._shown}: {_reason(error)}", "is the server up?")

    def _trust(self, ssh: paramiko.SSHClient) -> None:
        """Know the servers of the known_hosts file, and refuse all others."""
        ssh.set_missing_host_key_policy(paramiko.RejectPolicy())
        known = self._settings.known_hosts
        if known is None:
            ssh.load_system_host_keys()
            return
        try:
            ssh.load_host_keys(str(known))
        except OSError as error:
            seen = f"the host keys in {known} could not be read: {error.strerror}"
            raise Trouble(seen, self._how_to_know()) from error

    def _how_to_know(self) -> str:
        port = "" if self._port == _SSH_PORT else f" -p {self._port}"
        file = self._settings.known_hosts or "~/.ssh/known_hosts"
        return (
            f"get its key with `ssh-keyscan{port} {self._host}`, compare it with what the server's "
            f"owner says, and put it into {file}"
        )

    @contextmanager
    def _talking(self) -> Iterator[paramiko.SFTPClient]:
        """An open connection; what the server refuses passes, what breaks it is a ``Trouble``."""
        self.reach()
        try:
            yield self._sftp
        except (paramiko.SSHException, EOFError, TimeoutError) as error:
            raise self._broken(error) from error
        except OSError as error:
            if not self._is_alive():
                raise self._broken(error) from error
            raise

    def _is_alive(self) -> bool:
        transport = None if self._ssh is None else self._ssh.get_transport()
        return transport is not None and transport.is_active()

    def _broken(self, error: Exception) -> Trouble:
        self.close()
        return Trouble(f"{self._shown} broke off: {_reason(error)}", "it will be tried again")


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer within the time limit"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).strip() or "it hung up"


def _is_there(sftp: paramiko.SFTPClient, path: str) -> bool:
    try:
        sftp.stat(path)
    except FileNotFoundError:
        return False
    return True


def _is_folder(sftp: paramiko.SFTPClient, path: str) -> bool:
    try:
        mode = sftp.stat(path).st_mode
    except FileNotFoundError:
        return False
    return mode is not None and stat.S_ISDIR(mode)
