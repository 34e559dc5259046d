"""The files of a new folder: settings with comments, schemas for editors, definitions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from slo_reports.definitions.json_schema import definition_schema
from slo_reports.definitions.writing import scalar
from slo_reports.settings.json_schema import settings_schema
from slo_reports.starting.answers import REPORT, SHARE, Answers
from slo_reports.starting.source import PASSWORD

SETTINGS = "slo_reports.yaml"
DEFINITIONS = "definitions"
_SCHEMAS = "schemas"
_IGNORED = f"state/\n{SHARE}/\n"


def files_of(answers: Answers, definitions: Mapping[str, str]) -> dict[Path, str]:
    """Every file of a new folder, by its path from there.

    Args:
        answers: what a person wants.
        definitions: the text of each definition file, by its name.
    """
    above = f"# yaml-language-server: $schema=../{_SCHEMAS}/definition.schema.json\n"
    return {
        Path(SETTINGS): settings_text(answers),
        **{Path(DEFINITIONS, name): above + text for name, text in definitions.items()},
        Path(_SCHEMAS, "settings.schema.json"): _json(settings_schema()),
        Path(_SCHEMAS, "definition.schema.json"): _json(definition_schema()),
        Path(".gitignore"): _IGNORED,
    }


def _json(schema: Mapping[str, object]) -> str:
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def settings_text(answers: Answers) -> str:
    """The settings file: only the keys that matter, each explained."""
    lines = [*_head(answers), *_source(answers), *_report(answers), *_destinations(answers)]
    return "\n".join(lines) + "\n"


def _head(answers: Answers) -> Iterator[str]:
    yield f"# yaml-language-server: $schema={_SCHEMAS}/settings.schema.json"
    yield from _comment(
        "Settings of slo-reports. These are the keys that matter in the first hour; "
        "config/slo_reports.yaml in the repository of slo-reports shows and explains them all.",
        "- Relative paths begin at this file's folder.",
        "- Secrets are never written here: env:NAME names an environment variable, file:PATH a "
        "file.",
        "- `slo-reports validate` names every mistake with its line.",
    )
    yield "version: 1"
    yield ""
    yield "# Whose midnights cut the days and months."
    yield f"timezone: {scalar(answers.timezone)}"
    yield ""
    yield "# What was filed and sent, and every day that was measured. Back it up."
    yield "state: state"
    yield ""
    yield "# What is promised: one file for each objective or service."
    yield f"definitions: [{DEFINITIONS}]"
    yield ""


def _comment(*sentences: str) -> Iterator[str]:
    """Comment lines of at most 100 characters."""
    for sentence in sentences:
        line = "#"
        for word in sentence.split(" "):
            if len(line) + len(word) > 98:
                yield line
                line = "#  " if sentence.startswith("-") else "#"
            line += f" {word}"
        yield line


def _source(answers: Answers) -> Iterator[str]:
    yield "# The Prometheus, or what speaks its API."
    yield "source:"
    yield f"  url: {scalar(answers.url)}"
    if answers.token:
        yield f"  bearer_token: {scalar(answers.token)}"
    if answers.user:
        yield f"  basic_auth: {{username: {scalar(answers.user)}, password: {PASSWORD}}}"
    if not answers.token and not answers.user:
        yield "  # bearer_token: env:PROMETHEUS_TOKEN   # where the server asks for one"
    yield ""


def _report(answers: Answers) -> Iterator[str]:
    where = "files, mail" if answers.mail_to else "files"
    yield "reports:"
    yield f"  - name: {REPORT} # on the command line and in file names"
    yield f"    title: {scalar(answers.title)} # on the first page and in the mail's subject"
    yield "    period: month"
    yield "    # When it is due after its month is over; `slo-reports run-due` makes what is due."
    yield '    schedule: {every: month, day: first-working-day, at: "06:00"}'
    yield f"    destinations: [{where}]"
    yield ""
    yield "  # A meeting's page each Monday, over the same objectives:"
    yield "  # - name: weekly"
    yield f"  #   title: {scalar(f'{answers.title}, the week')}"
    yield "  #   kind: review"
    yield "  #   period: week"
    yield '  #   schedule: {every: week, day: 1, at: "07:00"}'
    yield f"  #   destinations: [{where}]"
    yield ""


def _destinations(answers: Answers) -> Iterator[str]:
    yield "destinations:"
    yield "  # By report and year, and never overwritten. A mounted network share does as well."
    yield "  files:"
    yield "    kind: share"
    yield f"    {'url' if '://' in answers.share else 'path'}: {scalar(answers.share)}"
    yield ""
    yield from _mail(answers) if answers.mail_to else _mail_to_come()


def _mail(answers: Answers) -> Iterator[str]:
    host, port, security = answers.server
    yield "  # A message to each recipient, with the PDF."
    yield "  mail:"
    yield "    kind: mail"
    yield f"    sender: {scalar(answers.sender)}"
    yield f"    recipients: [{', '.join(map(scalar, answers.mail_to))}]"
    yield "    server:"
    yield f"      host: {scalar(host)}"
    yield f"      port: {port}"
    yield f"      security: {security} # starttls, tls, or none with this machine only"
    if answers.smtp_user:
        yield f"      username: {scalar(answers.smtp_user)}"
        yield "      password: env:SMTP_PASSWORD"
    else:
        yield "      # username: slo-reports           # where the server asks for a login"
        yield "      # password: env:SMTP_PASSWORD"


def _mail_to_come() -> Iterator[str]:
    yield "  # Mail, once you want it: name it under `destinations` of the report, too."
    yield "  # mail:"
    yield "  #   kind: mail"
    yield "  #   sender: slo-reports@example.com"
    yield "  #   recipients: [director@example.com]"
    yield "  #   server:"
    yield "  #     host: smtp.example.com"
    yield "  #     username: slo-reports"
    yield "  #     password: env:SMTP_PASSWORD"
