"""Who does the work: what may be written, and what workers could not reach."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from slo_reports.settings.executor import DaskSettings, ProcessesSettings
from slo_reports.settings.schema import Settings

REST = {
    "version": 1,
    "definitions": ["definitions"],
    "source": {"url": "http://localhost:9090"},
    "reports": [{"name": "shop", "title": "Shop"}],
}
TLS = {"ca": "ca.pem", "certificate": "coordinator.pem", "key": "coordinator.key"}
DASK = {"kind": "dask", "address": "tcp://scheduler:8786"}


def test_it_is_processes_by_default():
    executor = Settings.model_validate(REST).executor
    assert isinstance(executor, ProcessesSettings)
    assert (executor.jobs, executor.time_limit) == (None, timedelta(minutes=15))


@pytest.mark.parametrize("history", [None, "/var/lib/slo-reports/history", "history"])
def test_workers_elsewhere_need_a_history_that_they_reach(history):
    written = REST | {"executor": DASK} | ({} if history is None else {"history": history})
    with pytest.raises(ValidationError, match="must be where all workers reach it"):
        Settings.model_validate(written)


@pytest.mark.parametrize("history", ["s3://bucket/history", "file:///mnt/slo/history"])
def test_a_store_and_a_folder_that_is_said_to_be_shared_will_do(history):
    settings = Settings.model_validate(REST | {"executor": DASK, "history": history})
    assert isinstance(settings.executor, DaskSettings)
    assert settings.history_url == history


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ({"kind": "dask"}, "address"),
        ({"kind": "dask", "address": "scheduler:8786"}, "looks like tcp://host:8786"),
        ({"kind": "dask", "address": "tcp://me:pw@scheduler:8786"}, "looks like tcp://host:8786"),
        ({"kind": "processes", "jobs": 0}, "greater than or equal to 1"),
        ({"kind": "processes", "address": "tcp://scheduler:8786"}, "address"),
        ({"kind": "ray"}, "'processes', 'dask'"),
        ({"kind": "dask", "address": "tls://scheduler:8786"}, "needs tls: {ca: "),
        (DASK | {"tls": TLS}, "tls goes with an address that begins with tls://"),
        ({**DASK, "address": "tls://scheduler:8786", "tls": {"ca": "ca.pem"}}, "certificate"),
    ],
)
def test_what_cannot_be_meant_is_refused(written, complaint):
    settings = REST | {"executor": written, "history": "s3://bucket/history"}
    with pytest.raises(ValidationError, match=complaint):
        Settings.model_validate(settings)
