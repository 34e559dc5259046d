import pytest

from slo_reports.collect.raw import choosing


@pytest.fixture(scope="module", params=["questions", "samples"])
def way(request):
    """Both ways to count, each whatever it costs: asking for values, and reading all samples."""
    with pytest.MonkeyPatch.context() as patch:
        enough = 0 if request.param == "samples" else float("inf")
        patch.setattr(choosing, "LOADING", enough)
        patch.setattr(choosing, "ASKING", enough)
        yield request.param
