"""Who does the work of many reports and many days."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from slo_reports.settings.strict import Strict
from slo_reports.settings.values import Duration, Size, Whole


def _scheduler(value: str) -> str:
    if not re.fullmatch(r"(tcp|tls)://[^/@\s]+:[0-9]+", value):
        msg = "the address of a dask scheduler looks like tcp://host:8786, or tls://host:8786"
        raise ValueError(msg)
    return value


_Address = Annotated[
    str,
    AfterValidator(_scheduler),
    WithJsonSchema({"type": "string", "pattern": "^(tcp|tls)://[^/@]+:[0-9]+$"}),
]


class _Limited(Strict):
    time_limit: Duration = Field(
        timedelta(minutes=15), description="Time limit of one task: a report, or a day."
    )
    memory_limit: Size = Field(3 * 1024**3, description="Memory limit of one task's process.")


class ProcessesSettings(_Limited):
    """Processes of this machine."""

    kind: Literal["processes"] = Field("processes", description="Processes of this machine.")
    jobs: Whole | None = Field(
        None, ge=1, le=256, description="Tasks at once; default: the processors there are."
    )


class DaskTls(Strict):
    """Certificates of a dask cluster that is reached by tls://."""

    ca: Path = Field(description="CA bundle (PEM) that the cluster's certificates are from.")
    certificate: Path = Field(description="Certificate that we show (PEM).")
    key: Path = Field(description="Its key (PEM).")


class DaskSettings(_Limited):
    """Workers of a dask cluster, on any machines."""

    kind: Literal["dask"] = Field(description="Workers of a dask cluster.")
    address: _Address = Field(description="Of the scheduler.")
    jobs: Whole | None = Field(
        None, ge=1, le=4096, description="Tasks at once; default: the threads of all workers."
    )
    tls: DaskTls | None = Field(None, description="For an address that begins with tls://.")
    connect_timeout: Duration = Field(
        timedelta(seconds=30),
        description="How long the scheduler and a first worker are waited for.",
    )

    @model_validator(mode="after")
    def _encrypted_or_not(self) -> DaskSettings:
        if self.address.startswith("tls://") and self.tls is None:
            msg = "an address that begins with tls:// needs tls: {ca: …, certificate: …, key: …}"
            raise ValueError(msg)
        if self.tls is not None and not self.address.startswith("tls://"):
            msg = "tls goes with an address that begins with tls://; this one is not encrypted"
            raise ValueError(msg)
        return self


ExecutorSettings = Annotated[ProcessesSettings | DaskSettings, Field(discriminator="kind")]
