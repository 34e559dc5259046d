"""Where the demo finds its programs and files, and where it keeps its data.

Everything is found both in a checkout of the repository and in an installed package.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from slo_reports.errors import ConfigurationError, SourceError

_PACKAGE = Path(__file__).resolve().parent.parent
_REPOSITORY = _PACKAGE.parent
RECORDING = Path("recording.jsonl.xz")


@dataclass(frozen=True)
class Tools:
    """The two programs of a Prometheus."""

    prometheus: Path
    promtool: Path


def is_checkout() -> bool:
    """Whether the package runs from a checkout of the repository."""
    return (_REPOSITORY / "pyproject.toml").is_file() and (_REPOSITORY / "scripts").is_dir()


def shipped(name: str) -> Path:
    """A folder that ships with the package, such as ``config/demo``.

    Raises:
        ConfigurationError: it is not there; the installation is not whole.
    """
    for root in (_PACKAGE / "_data", _REPOSITORY):
        if (root / name).is_dir():
            return root / name
    msg = f"{name} was not found beside {_PACKAGE}; install slo-reports again"
    raise ConfigurationError(msg)


def demo_config() -> Path:
    """The folder of the demo's settings and definitions."""
    return shipped("config/demo")


def recording_file() -> Path:
    """Where the shipped recording of the demo's month lies, whether it is there or not."""
    return Path(__file__).resolve().parent / RECORDING


def work_folder() -> Path:
    """Where downloads and generated data are kept: ``.tools`` in a checkout, else the cache."""
    if is_checkout():
        return _REPOSITORY / ".tools"
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "slo-reports"


def find_tools(folder: Path | None = None) -> Tools:
    """Prometheus and promtool: from a folder, from ``.tools/prometheus``, else from the PATH.

    Raises:
        SourceError: one of them is nowhere.
    """
    folders = [folder] if folder is not None else [work_folder() / "prometheus"]
    path = os.pathsep.join([*map(str, folders), os.environ.get("PATH", os.defpath)])
    prometheus, promtool = (shutil.which(name, path=path) for name in ("prometheus", "promtool"))
    if prometheus is None or promtool is None:
        missing = "prometheus" if prometheus is None else "promtool"
        msg = (
            f"{missing} is neither in {folders[0]} nor on the PATH; "
            "run scripts/get_prometheus.sh, or slo-reports demo --recorded, which needs none"
        )
        raise SourceError(msg)
    return Tools(Path(prometheus), Path(promtool))
