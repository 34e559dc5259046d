"""Building the distributions from a copy of what is in the repository."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from support.needed import missing

ROOT = Path(__file__).parent.parent.parent
EPOCH = "1793836800"


def clean_copy(target):
    """The files that git knows or would add, without what was built or downloaded here."""
    asked = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        missing(f"no checkout to build from: {done.stderr.strip()}")
    for name in filter(None, done.stdout.split("\0")):
        source = ROOT / name
        if source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)
    return target


def build(checkout, target, **environment):
    """Run scripts/dist.sh of a checkout."""
    return subprocess.run(
        [checkout / "scripts" / "dist.sh", target],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ
        | {"PYTHON": sys.executable, "SOURCE_DATE_EPOCH": EPOCH, "PYTHONPATH": ""}
        | environment,
    )
