"""Texts as one types them: ordinary spaces and minus signs."""

from slo_reports.numbers import MINUS, NARROW


def plain(text: str) -> str:
    return text.replace(NARROW, " ").replace(MINUS, "-")
