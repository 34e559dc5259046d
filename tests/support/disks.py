"""Folders and file systems for servers of the tests' own."""

import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def short_folder():
    """A temporary folder that every user may enter, with a path short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="slo-") as place:
        Path(place).chmod(0o755)
        yield Path(place)


@contextmanager
def small_disk(path, size="256k"):
    """A file system of a few kB at a path, where this user may mount one; yields whether."""
    path.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0777", "tmpfs", str(path)]
    mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(path)], check=True)
