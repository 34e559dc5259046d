"""The demo's data on disk: generated and backfilled once, then kept."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from slo_reports.demo.backfill import backfill
from slo_reports.demo.places import Tools, work_folder
from slo_reports.demo.scenery import Shop
from slo_reports.demo.truth import truth_document
from slo_reports.demo.world import bring_to_life
from slo_reports.errors import SourceError

_MAKERS = ("scenery", "traffic", "samples", "alerts", "truth", "world", "backfill")


@dataclass(frozen=True)
class DemoData:
    """A prepared demo.

    Attributes:
        blocks: folder of the blocks that a Prometheus serves.
        truth: ``truth.json``, the known truth.
    """

    blocks: Path
    truth: Path


def prepare(shop: Shop, tools: Tools, root: Path | None = None) -> DemoData:
    """The data of a shop, made now unless they are there.

    They lie in a folder named by a hash of the shop and of the code that makes them. The folder
    appears under that name only once it is whole, so one that was broken off is made again.

    Args:
        shop: what to generate.
        tools: whose promtool backfills.
        root: where such folders are kept; default: ``demo-data`` in the work folder.

    Raises:
        SourceError: the folder could not be written, or promtool failed.
    """
    root = work_folder() / "demo-data" if root is None else root
    folder = root / fingerprint(shop)
    try:
        root.mkdir(parents=True, exist_ok=True)
        with _locked(root / f"{folder.name}.lock"):
            if not folder.is_dir():
                _build(shop, tools, folder)
    except OSError as error:
        msg = f"could not write the demo's data to {folder}: {error.strerror}; is there space?"
        raise SourceError(msg) from error
    return DemoData(folder / "blocks", folder / "truth.json")


def fingerprint(shop: Shop) -> str:
    """What the data depend on, as a short hash."""
    digest = hashlib.sha256(repr(shop).encode())
    for name in _MAKERS:
        digest.update((Path(__file__).parent / f"{name}.py").read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    """Hold a file's lock, so that two demos do not build the same folder."""
    with file.open("w", encoding="utf-8") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _build(shop: Shop, tools: Tools, folder: Path) -> None:
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    (unfinished / "blocks").mkdir(parents=True)
    try:
        world = bring_to_life(shop)
        backfill(world.series, tools.promtool, unfinished / "blocks")
        document = truth_document(shop, world.truth)
        (unfinished / "truth.json").write_text(document, encoding="utf-8")
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
