"""What goes wrong with files on shares, in sentences: what was seen, and what would help."""

from __future__ import annotations

import errno

from slo_reports.errors import ConfigurationError, DeliveryError
from slo_reports.model import content_hash

_RIGHTS = "give the user that runs slo-reports the right to write there"
_HELP = {
    errno.EACCES: _RIGHTS,
    errno.EPERM: _RIGHTS,
    errno.EROFS: "it is mounted read-only: mount it writable",
    errno.ENOSPC: "make room on it",
    errno.EDQUOT: "make room in the quota",
    errno.EFBIG: "raise the limit on the size of files",
    errno.EBUSY: "another program holds it; it will be tried again",
    errno.EEXIST: "move it away",
    errno.ELOOP: "symbolic links below the share's folder are not followed: put a folder there",
    errno.ENOTDIR: "something that is no folder lies in the way: move it away",
}


class Trouble(DeliveryError):
    """A share did not do what it was asked; all of it may pass or be mended, so it is retryable.

    Attributes:
        seen: what was asked and what came of it.
        mend: what would help.
    """

    def __init__(self, seen: str, mend: str) -> None:
        self.seen = seen
        self.mend = mend
        super().__init__(f"{seen}; {mend}", retryable=True)


class NotThere(Trouble):
    """A file that should be on the share is not."""


def could_not(what: str, error: OSError, help_otherwise: str) -> Trouble:
    """``could not WHAT: the reason``, with what helps against that reason."""
    why = error.strerror or str(error) or type(error).__name__
    return Trouble(f"could not {what}: {why}", _HELP.get(error.errno or 0, help_otherwise))


def is_different(where: str, present: bytes, content: bytes) -> Trouble:
    """Another file has the name already."""
    theirs, ours = content_hash(present)[:12], content_hash(content)[:12]
    return Trouble(
        f"{where} is there with different content (sha256 {theirs}…, ours is {ours}…) and is "
        "never overwritten",
        "move it away and run again, or keep it as it is",
    )


def reads_back_differently(where: str) -> Trouble:
    """What was written is not what can be read."""
    return Trouble(f"{where} read back differs from what was written", "check the share's disk")


def is_missing(where: str) -> NotThere:
    """No file has the name."""
    return NotThere(f"{where} is not there", "look for it in the share's backups or trash")


def no_secret(where: str, error: ConfigurationError) -> Trouble:
    """The password that the settings refer to cannot be had."""
    return Trouble(f"nothing is filed on {where}: {error}", "mend password in the settings")
