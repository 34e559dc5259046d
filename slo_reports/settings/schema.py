"""The shape of the settings file: what each key means, and its default.

These models are the reference that docs and the editors' JSON Schema are made from. Reading a
file, with every problem at its line, is ``slo_reports.settings.loading``.
"""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from slo_reports.model import Format, ReportKind
from slo_reports.settings.brand import BrandSettings
from slo_reports.settings.destinations import Destination
from slo_reports.settings.exclusions import CalendarSettings, ExclusionSettings
from slo_reports.settings.executor import ExecutorSettings, ProcessesSettings
from slo_reports.settings.operations import OperationsSettings
from slo_reports.settings.schedules import Schedule
from slo_reports.settings.strict import Strict
from slo_reports.settings.values import (
    Clock,
    DatabaseUrl,
    Day,
    Duration,
    FileWord,
    HeaderValue,
    LanguageTag,
    Place,
    Secret,
    Size,
    WebAddress,
    Whole,
    ZoneName,
    no_truth_value,
    parse_duration,
)

__all__ = ["Secret", "Settings", "parse_duration"]


class BasicAuth(Strict):
    """HTTP basic authentication."""

    username: str = Field(description="User name.")
    password: Secret = Field(description="env:NAME or file:PATH; never the password itself.")


class Tls(Strict):
    """How a server's certificate is checked, and the client certificate shown to it (mTLS)."""

    ca: Path | None = Field(None, description="CA bundle (PEM); default: the system's.")
    certificate: Path | None = Field(None, description="Client certificate (PEM).")
    key: Path | None = Field(None, description="Key of the client certificate (PEM).")

    @model_validator(mode="after")
    def _both_or_none(self) -> Tls:
        if (self.certificate is None) != (self.key is None):
            msg = "certificate and key belong together: give both or neither"
            raise ValueError(msg)
        return self


class SourceSettings(Strict):
    """Where the numbers come from: Prometheus or anything with its HTTP API."""

    url: WebAddress = Field(description="Base URL, without /api/v1.")
    name: str = Field("Prometheus", description="What the report calls this source.")
    basic_auth: BasicAuth | None = Field(None, description="User name and password.")
    bearer_token: Secret | None = Field(
        None, description="env:NAME or file:PATH; instead of basic_auth."
    )
    headers: dict[str, HeaderValue] = Field(
        default_factory=dict, description="Sent with each request, such as X-Scope-OrgID."
    )
    tls: Tls = Field(Tls(), description="Certificates, where the system's do not do.")
    timeout: Duration = Field(timedelta(seconds=30), description="Time limit of one request.")
    retries: Whole = Field(4, ge=0, le=20, description="How often a failed request is tried again.")
    concurrency: Whole = Field(2, ge=1, le=64, description="Requests in flight at once.")
    max_response: Size = Field(256 * 1024**2, description="Largest answer that is read.")
    compress: bool = Field(
        default=False,
        description="Whether answers are compressed on their way; for a slow line to the server.",
    )
    raw_samples: bool = Field(
        default=True,
        description="Whether many samples are read as they are stored (remote read), where the "
        "source offers that and the extra `fast` is installed.",
    )
    partial_answers: Literal["refuse", "allow"] = Field(
        "refuse",
        description="What to do when the source says that an answer lacks some of its stores.",
    )
    slice: Duration = Field(
        timedelta(minutes=5), description="Grain of measurement; must divide one hour."
    )
    scrape_interval: Duration | None = Field(
        None, description="Default: found out from the samples of `up`."
    )

    @model_validator(mode="after")
    def _sensible(self) -> SourceSettings:
        if self.basic_auth is not None and self.bearer_token is not None:
            msg = "basic_auth and bearer_token exclude each other: give one"
            raise ValueError(msg)
        if not self.slice or timedelta(minutes=15) % self.slice:
            msg = "slice must divide 15 minutes (1m, 3m, 5m, 15m) so that every zone's days fit"
            raise ValueError(msg)
        return self


class AlertmanagerSettings(Strict):
    """The Alertmanager that is asked for the alerts it knows of now."""

    url: WebAddress = Field(description="Base URL, without /api/v2.")
    basic_auth: BasicAuth | None = Field(None, description="User name and password.")
    bearer_token: Secret | None = Field(
        None, description="env:NAME or file:PATH; instead of basic_auth."
    )
    headers: dict[str, HeaderValue] = Field(
        default_factory=dict, description="Sent with each request."
    )
    tls: Tls = Field(Tls(), description="Certificates, where the system's do not do.")
    timeout: Duration = Field(timedelta(seconds=30), description="Time limit of one request.")

    @model_validator(mode="after")
    def _one_way_in(self) -> AlertmanagerSettings:
        if self.basic_auth is not None and self.bearer_token is not None:
            msg = "basic_auth and bearer_token exclude each other: give one"
            raise ValueError(msg)
        return self


class LedgerSettings(Strict):
    """A PostgreSQL database that several machines share as their ledger."""

    url: DatabaseUrl = Field(description="postgresql://user@host:5432/database, no password in it.")
    password: Secret | None = Field(None, description="env:NAME or file:PATH.")


class RetrySettings(Strict):
    """How a delivery that failed in a way that may pass is tried again."""

    first: Duration = Field(timedelta(minutes=5), description="Pause after the first failure.")
    longest: Duration = Field(
        timedelta(hours=4), description="Pauses double with each failure, up to this."
    )
    give_up: Duration = Field(
        timedelta(days=5), description="After this a person must look; see `slo-reports status`."
    )


class Selection(Strict):
    """Which SLOs a report covers; every given list must hold the SLO's value."""

    services: list[str] | None = Field(None, description="Only these services.")
    owners: list[str] | None = Field(None, description="Only what these teams own.")
    namespaces: list[str] | None = Field(None, description="Only these namespaces.")
    slos: list[str] | None = Field(None, description="Ids, `namespace/name`.")


class ReportSettings(Strict):
    """One report: what it covers, when it is due, where it goes."""

    name: FileWord = Field(description="Short name, used on the command line and in file names.")
    title: str = Field(description="What the first page and the mail's subject say.")
    kind: ReportKind = Field(
        ReportKind.SERVICE, description="What it is for; docs/reports.md shows each kind."
    )
    author: str = Field("SLO reports", description="Who stands behind the report.")
    period: Literal["month", "week", "quarter", "year"] = Field(
        "month", description="What one report covers."
    )
    timezone: ZoneName | None = Field(None, description="Default: the file's timezone.")
    language: LanguageTag | None = Field(None, description="Default: the file's language.")
    schedule: Schedule | None = Field(None, description="Without one, only on request.")
    start_from: Day | None = Field(
        None,
        description="Periods that began earlier are never planned; default: the first is the "
        "newest that is due at the first look.",
    )
    catch_up: Literal["all", "latest", "none"] = Field(
        "all",
        description="What is made of periods that fell due while nothing ran: all of them, only "
        "the latest, or none that fell due more than a day ago.",
    )
    select: Selection = Field(Selection(), description="Which SLOs; default: all.")
    formats: list[Format] = Field(
        ["html", "pdf", "json"],
        min_length=1,
        description="Documents that are made; docs/formats.md tells what is in each.",
    )
    destinations: list[str] = Field(
        default_factory=list, description="Names from `destinations`, where the documents go."
    )
    trend: Whole = Field(
        12, ge=1, le=36, description="Periods of trend, the reported one included."
    )
    lookback: Duration | None = Field(
        None, description="Trailing look-back of the burn rate; default 3d, 1d for a week."
    )
    footer: str = Field("", description="A line at the foot of each page.")


class Settings(Strict):
    """The whole settings file."""

    version: Annotated[Literal[1], BeforeValidator(no_truth_value)] = Field(
        description="Version of this file's form."
    )
    timezone: ZoneName = Field("UTC", description="IANA zone whose midnights cut the periods.")
    language: LanguageTag = Field(
        "en",
        description="What reports are written in, en or de; a region (en-US, de-CH) decides how "
        "dates and numbers look.",
    )
    state: Path = Field(Path("state"), description="Folder of the ledger and the frozen runs.")
    history: Place | None = Field(
        None,
        description="Folder or URL (s3://…) that keeps every day measured; default: history in "
        "the state folder.",
    )
    settle: Duration = Field(
        timedelta(hours=3),
        description="How long after a day's end (UTC) late data may come; then it is final.",
    )
    collect_at: Clock = Field(
        time(3, 30), description="UTC time of day from which the days before are collected."
    )
    definitions: list[Path] = Field(
        min_length=1, description="Files or folders (searched for *.yaml and *.yml)."
    )
    default_period: Duration = Field(
        timedelta(days=30),
        description="What an objective is promised over where its format (Sloth) does not say.",
    )
    ledger: LedgerSettings | None = Field(
        None, description="A PostgreSQL database as ledger; default: ledger.db in the state folder."
    )
    executor: ExecutorSettings = Field(
        ProcessesSettings(),
        description="Who does the work of many reports and days; docs/scaling.md.",
    )
    retry: RetrySettings = Field(
        RetrySettings(), description="How a delivery that failed is tried again."
    )
    jitter: Duration | None = Field(
        None, description="`schedule` starts later by a random time up to this; default: none."
    )
    incidents: list[Path] = Field(
        default_factory=list,
        description="Incidents that people wrote down: files or folders (YAML, JSON, CSV).",
    )
    policy: Path | None = Field(
        None, description="File of the error budget policy; default: ours (config/policy.yaml)."
    )
    templates: Path | None = Field(None, description="Folder whose templates replace ours.")
    brand: BrandSettings = Field(
        BrandSettings(), description="Name, logo and colours of reports and mails."
    )
    source: SourceSettings = Field(description="The metrics server.")
    alertmanager: AlertmanagerSettings | None = Field(
        None, description="Asked for the words and the state of alerts; default: not asked."
    )
    destinations: dict[str, Destination] = Field(
        default_factory=dict, description="Where reports can go, each under a name of its own."
    )
    exclusions: list[ExclusionSettings] = Field(
        default_factory=list, description="Spans that are taken out of good and valid events."
    )
    exclusion_calendars: list[CalendarSettings] = Field(
        default_factory=list, description="Calendar files with more of them."
    )
    operations: OperationsSettings = Field(
        OperationsSettings(), description="Who is told how the job itself is doing."
    )
    reports: list[ReportSettings] = Field(min_length=1, description="The reports, at least one.")

    @model_validator(mode="after")
    def _whole_days(self) -> Settings:
        if self.default_period < timedelta(days=1) or self.default_period % timedelta(days=1):
            msg = "default_period must be whole days, such as 30d or 4w"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _workers_reach_the_history(self) -> Settings:
        if self.executor.kind == "dask" and not isinstance(self.history, str):
            where = self.history_url
            msg = (
                f"with executor.kind dask the history ({where}) must be where all workers reach "
                "it: set history: s3://bucket/folder, or file:///folder for one that is mounted "
                "at the same place on all machines"
            )
            raise ValueError(msg)
        return self

    @property
    def history_url(self) -> str:
        """Where the history lies, as a path or URL."""
        return str(self.state / "history" if self.history is None else self.history)
