"""The shape of `operations`: who is told how the job itself is doing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from slo_reports.settings.destinations import MailServer
from slo_reports.settings.strict import Strict
from slo_reports.settings.values import Address, Endpoint


class PingSettings(Strict):
    """A dead man's switch: told of each run, it raises the alarm when it hears nothing."""

    url: Endpoint | None = Field(
        None, description="Called after a success; with /start before, with /fail after a failure."
    )
    start: Endpoint | None = Field(None, description="Called before a run instead of url/start.")
    success: Endpoint | None = Field(None, description="Called after a success instead of url.")
    failure: Endpoint | None = Field(None, description="Called after a failure, not url/fail.")

    @model_validator(mode="after")
    def _somebody_is_called(self) -> PingSettings:
        if not (self.url or self.start or self.success or self.failure):
            msg = "url is missing in ping; or give start, success and failure"
            raise ValueError(msg)
        return self


def _read_by_the_collector(value: Path) -> Path:
    if value.suffix != ".prom":
        msg = "must end with .prom: the textfile collector reads no other file"
        raise ValueError(msg)
    return value


class MetricsSettings(Strict):
    """The job's own metrics, for Prometheus."""

    textfile: Annotated[Path, AfterValidator(_read_by_the_collector)] | None = Field(
        None,
        description="A *.prom file in the folder that node_exporter's textfile collector reads.",
    )
    pushgateway: Endpoint | None = Field(
        None, description="Base URL of a Pushgateway, or env:NAME."
    )
    instance: str | None = Field(
        None, min_length=1, description="The label instance at the Pushgateway; default: this host."
    )

    @model_validator(mode="after")
    def _they_go_somewhere(self) -> MetricsSettings:
        if self.textfile is None and self.pushgateway is None:
            msg = "textfile is missing in metrics; or give pushgateway"
            raise ValueError(msg)
        return self


class FailureMailSettings(Strict):
    """A second route by mail, for what failed for good; best by a server of its own."""

    sender: Address = Field(description="Address in From.")
    recipients: list[Address] = Field(min_length=1, description="Each gets a message of their own.")
    server: MailServer = Field(description="The SMTP server that takes this mail.")


class OperationsSettings(Strict):
    """Who is told how the job itself is doing; nobody, unless something is set."""

    ping: PingSettings | None = Field(
        None, description="Web addresses that are called when the job starts and ends."
    )
    metrics: MetricsSettings | None = Field(None, description="The job's own metrics.")
    failure_mail: FailureMailSettings | None = Field(
        None, description="A plain mail to the operators when something failed for good."
    )
