import pytest

from slo_reports.collect.raw import choosing


@pytest.fixture(scope="module", params=["questions", "samples"])
def way(request):
    """Both ways to count, each whatever it costs: asking for values, and reading all samples."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(choosing, "MANY", 0 if request.param == "samples" else float("inf"))
        yield request.param
