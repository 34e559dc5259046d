import pytest

from slo_reports.cli.adhoc import has_display, stamps


@pytest.mark.parametrize(
    ("environment", "platform", "shown"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "darwin", True),
    ],
)
def test_a_browser_is_opened_only_where_it_would_be_seen(environment, platform, shown):
    assert has_display(environment, platform) is shown


def test_a_changed_template_has_another_stamp(tmp_path):
    (tmp_path / "parts").mkdir()
    template = tmp_path / "parts" / "a.html.j2"
    template.write_text("one", encoding="utf-8")
    before = stamps([tmp_path])
    assert set(before) == {template}
    template.write_text("another", encoding="utf-8")
    assert stamps([tmp_path]) != before
