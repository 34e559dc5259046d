"""What people wrote in files, read once however many reports of one pass need it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from slo_reports.definitions.selection import Catalogue
from slo_reports.incidents.loading import load_incidents
from slo_reports.model import Brand, Exclusion, Incident, Policy, Slo
from slo_reports.settings.exclusions import exclusions_between
from slo_reports.settings.policy_files import load_policy
from slo_reports.settings.schema import Settings


@dataclass(frozen=True)
class FilesRead:
    """The files beside the definitions, each when it is first asked for.

    Attributes:
        settings: which name them.
        slos: every SLO there is.
    """

    settings: Settings
    slos: tuple[Slo, ...]
    _incidents: dict[datetime, tuple[Incident, ...]] = field(default_factory=dict)
    _exclusions: dict[tuple[datetime, datetime], tuple[Exclusion, ...]] = field(
        default_factory=dict
    )

    @cached_property
    def catalogue(self) -> Catalogue:
        """The SLOs by what selections name."""
        return Catalogue(self.slos)

    @cached_property
    def policy(self) -> Policy:
        """The error budget policy; ours where the settings name none.

        Raises:
            ConfigurationError: its file has problems; it holds all of them.
        """
        return load_policy(self.settings.policy)

    @cached_property
    def brand(self) -> Brand | None:
        """Whose reports they are.

        Raises:
            ConfigurationError: the logo cannot be used.
        """
        return self.settings.brand.frozen()

    def incidents(self, until: datetime) -> tuple[Incident, ...]:
        """All incidents that people wrote down; those without an end go on until an instant.

        Raises:
            ConfigurationError: a file has problems; it holds all of them.
        """
        if until not in self._incidents:
            settings = self.settings
            self._incidents[until] = load_incidents(
                settings.incidents, settings.timezone, self.slos, until
            )
        return self._incidents[until]

    def exclusions(self, start: datetime, end: datetime) -> tuple[Exclusion, ...]:
        """What is taken out of a span of time.

        Raises:
            ConfigurationError: a calendar cannot be read.
        """
        if (start, end) not in self._exclusions:
            settings = self.settings
            self._exclusions[start, end] = exclusions_between(
                settings.exclusions, settings.exclusion_calendars, settings.timezone, start, end
            )
        return self._exclusions[start, end]
