"""Checking filed reports: their frozen data are judged again and must say the same."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from slo_reports import __version__
from slo_reports.compute import build_report
from slo_reports.compute.differences import ABSENT, Difference, differences
from slo_reports.compute.following import asked_in
from slo_reports.deliver import Share
from slo_reports.deliver.trouble import NotThere
from slo_reports.errors import DeliveryError, LedgerError
from slo_reports.ledger import Delivery, Ledger, Run
from slo_reports.model import DeliveryState, Report, Snapshot, content_hash
from slo_reports.render.html import render_html
from slo_reports.settings.destinations import ShareDestination
from slo_reports.settings.schema import Settings


@dataclass(frozen=True)
class Verification:
    """What a check found.

    Attributes:
        title: what was checked, such as ``monthly 2026-10 r1``.
        agreed: what was compared and is the same.
        faults: what is missing, changed or comes out differently.
        differences: the numbers that do.
        notes: what could not be compared, and why.
    """

    title: str
    agreed: tuple[str, ...]
    faults: tuple[str, ...]
    differences: tuple[Difference, ...]
    notes: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Whether everything that was compared is the same."""
        return not self.faults and not self.differences


class _Findings:
    """What has been found so far."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.agreed: list[str] = []
        self.faults: list[str] = []
        self.differences: list[Difference] = []
        self.notes: list[str] = []

    def done(self) -> Verification:
        return Verification(
            self.title,
            tuple(self.agreed),
            tuple(self.faults),
            tuple(self.differences),
            tuple(self.notes),
        )


def verify_run(run: Run, ledger: Ledger, settings: Settings) -> Verification:
    """Check one run of the ledger: frozen files, numbers, page, and the files on the shares."""
    found = _Findings(run.title)
    files = dict(_frozen_files(run, ledger, found))
    if files:
        found.agreed.append(f"{len(files)} frozen files have the hashes of the ledger")
    snapshot = files.get("snapshot.json")
    if snapshot is None:
        found.notes.append(
            "the numbers were not recomputed: the frozen data are missing or changed"
        )
    else:
        filed = _Filed(snapshot, _documents(files), files.get("asked.json"))
        _recompute(filed, settings.templates, found)
    _check_shares(run, ledger, settings, found)
    return found.done()


def verify_folder(folder: Path, templates: Path | None = None) -> Verification:
    """Check the folder of a frozen run without a ledger, such as a copy in an archive.

    Raises:
        LedgerError: it holds no frozen data that can be read.
    """
    found = _Findings(str(folder))
    try:
        snapshot = (folder / "snapshot.json").read_bytes()
        documents = {one.name: one.read_bytes() for one in sorted((folder / "documents").glob("*"))}
        asked = folder / "asked.json"
        filed = _Filed(snapshot, documents, asked.read_bytes() if asked.exists() else None)
    except OSError as error:
        msg = f"{folder} is not the folder of a frozen run: {error.strerror} ({error.filename})"
        raise LedgerError(msg) from error
    found.notes.append(
        f"the frozen data have the hash {content_hash(snapshot)}; no ledger knows it"
    )
    _recompute(filed, templates, found)
    return found.done()


def _documents(files: Mapping[str, bytes]) -> dict[str, bytes]:
    inside = ((path.partition("/"), content) for path, content in files.items())
    return {name: content for (folder, _, name), content in inside if folder == "documents"}


# --- files ---


def _frozen_files(run: Run, ledger: Ledger, found: _Findings) -> Iterator[tuple[str, bytes]]:
    for artifact in ledger.artifacts(run):
        try:
            yield artifact.path, ledger.content(run, artifact)
        except LedgerError as error:
            found.faults.append(str(error))


def _content(path: Path, sha256: str, found: _Findings) -> bytes | None:
    """A file's bytes if they are those on record."""
    try:
        content = path.read_bytes()
    except OSError as error:
        found.faults.append(f"missing: {path} ({error.strerror})")
        return None
    return content if _has_hash(content, sha256, str(path), found) else None


def _has_hash(content: bytes, sha256: str, where: str, found: _Findings) -> bool:
    seen = content_hash(content)
    if seen != sha256:
        found.faults.append(f"changed: {where} (sha256 {seen[:12]}…, on record {sha256[:12]}…)")
    return seen == sha256


def _check_shares(run: Run, ledger: Ledger, settings: Settings, found: _Findings) -> None:
    shares = {
        name: Share(name, one)
        for name, one in settings.destinations.items()
        if isinstance(one, ShareDestination)
    }
    same = 0
    for delivery in ledger.deliveries(run):
        if delivery.state is not DeliveryState.DELIVERED or delivery.message_id is not None:
            continue
        share = shares.get(delivery.destination)
        if share is None:
            found.notes.append(f"{delivery.destination} is no share in the settings any more")
        elif _is_as_filed(share, delivery, found):
            same += 1
    for share in shares.values():
        share.close()
    if same:
        found.agreed.append(f"{same} files on shares are as they were filed")


def _is_as_filed(share: Share, delivery: Delivery, found: _Findings) -> bool:
    try:
        content = share.read(delivery.recipient)
    except NotThere as error:
        found.faults.append(f"missing: {error.seen}")
    except DeliveryError as error:
        found.faults.append(f"could not be looked at: {error}")
    else:
        return _has_hash(content, delivery.sha256, share.place(delivery.recipient), found)
    return False


# --- numbers and page ---


@dataclass(frozen=True)
class _Filed:
    """What was filed: the data, the documents by name, and what it asks for where that is kept."""

    snapshot: bytes
    documents: Mapping[str, bytes]
    asked: bytes | None


def _recompute(run: _Filed, templates: Path | None, found: _Findings) -> None:
    try:
        snapshot = Snapshot.from_json(run.snapshot)
    except ValueError as error:
        found.faults.append(f"the frozen data cannot be read: {error}")
        return
    # A later version writes its own new fields; the report names the bytes that were frozen.
    report = replace(build_report(snapshot), snapshot_hash=content_hash(run.snapshot))
    same_version = snapshot.program == __version__
    if not same_version:
        made = snapshot.program or "an earlier version"
        found.notes.append(f"filed by slo-reports {made}, checked by {__version__}")
    filed = {Path(name).suffix: content for name, content in run.documents.items()}
    _compare_numbers(filed.get(".json"), report, found, same_version=same_version)
    _compare_page(filed.get(".html"), report, templates, found, same_version=same_version)
    if run.asked is not None:
        _compare_asked(run.asked, report, found, same_version=same_version)


def _compare_numbers(
    filed: bytes | None, report: Report, found: _Findings, *, same_version: bool
) -> None:
    if filed is None:
        found.notes.append("the numbers were not compared: the report has no JSON document")
        return
    again = report.to_json()
    if filed == again:
        found.agreed.append(f"report.json recomputed byte for byte ({len(again)} bytes)")
        return
    try:
        seen = list(differences(json.loads(filed), json.loads(again)))
    except ValueError as error:
        found.faults.append(f"the filed JSON document cannot be read: {error}")
        return
    if not same_version:
        seen = list(_without_new_fields(seen, found))
    found.differences += seen
    if not seen:
        found.agreed.append("every number of report.json recomputed")


def _without_new_fields(seen: Iterable[Difference], found: _Findings) -> Iterator[Difference]:
    fields: dict[str, str] = {}
    for one in seen:
        if one.is_of_form:
            side = "only this version has" if one.filed == ABSENT else "only the filed report has"
            fields[one.field.rpartition(".")[2]] = side
        else:
            yield one
    found.notes.extend(f"{side} the field {name}" for name, side in fields.items())


def _compare_page(
    filed: bytes | None,
    report: Report,
    templates: Path | None,
    found: _Findings,
    *,
    same_version: bool,
) -> None:
    if filed is None:
        found.notes.append("the page was not compared: the report has no HTML document")
    elif not same_version:
        found.notes.append("the page was not compared: another version wrote it")
    elif render_html(report, templates=templates) == filed:
        found.agreed.append(f"report.html rendered again byte for byte ({len(filed)} bytes)")
    else:
        found.faults.append("report.html renders differently now; were its templates changed?")


def _compare_asked(filed: bytes, report: Report, found: _Findings, *, same_version: bool) -> None:
    """What the next report follows up."""
    if not same_version:
        found.notes.append("asked.json was not compared: another version wrote it")
    elif asked_in(report).to_json() == filed:
        found.agreed.append(f"asked.json made again byte for byte ({len(filed)} bytes)")
    else:
        found.faults.append("asked.json, which the next report follows up, comes out differently")
