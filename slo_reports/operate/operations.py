"""The one thing that the job calls: before a run, and after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from slo_reports.deliver.contract import Check
from slo_reports.operate import failure_mail, metrics
from slo_reports.operate.pings import Pinger
from slo_reports.operate.standing import Standing
from slo_reports.operate.trouble import Trouble, problems_to_tell
from slo_reports.settings.operations import OperationsSettings


class Operations:
    """Tells operators how the job is doing, as far as the settings want it; never raises.

    Args:
        settings: who is told.
        warn: takes one line about what could not be told.
    """

    def __init__(self, settings: OperationsSettings, warn: Callable[[str], None]) -> None:
        self._settings = settings
        self._warn = warn
        self._pinger = None if settings.ping is None else Pinger(settings.ping)

    def started(self) -> None:
        """A run begins."""
        if self._pinger is not None:
            self._say(self._pinger.started())

    def finished(
        self,
        standing: Standing | None,
        troubles: Sequence[Trouble],
        told: Mapping[str, datetime],
        now: datetime,
    ) -> tuple[Trouble, ...]:
        """A run ended.

        Args:
            standing: what the metrics say; None where not even the ledger could be read.
            troubles: what is wrong, whether it was told before or not.
            told: when each trouble's key was last told by mail.
            now: the present instant.

        Returns:
            The troubles that were told by mail now; the caller keeps their keys with ``now``.
        """
        if self._settings.metrics is not None and standing is not None:
            metrics.publish(self._settings.metrics, standing, self._warn)
        self._ping(standing, troubles)
        return self._mail(troubles, told, now)

    def examine(self) -> Iterator[Check]:
        """Whether all that is told could be told now; tells nothing."""
        if self._pinger is not None:
            yield from self._pinger.examine()
        if self._settings.metrics is not None:
            yield from metrics.examine(self._settings.metrics)
        if self._settings.failure_mail is not None:
            yield from failure_mail.examine(self._settings.failure_mail)

    def _ping(self, standing: Standing | None, troubles: Sequence[Trouble]) -> None:
        if self._pinger is None:
            return
        why = "\n".join(one.what for one in troubles)
        code = 1 if standing is None else standing.exit_code
        if why or code:
            self._say(self._pinger.failed(why or f"ended with exit code {code}"))
        else:
            self._say(self._pinger.succeeded())

    def _mail(
        self, troubles: Sequence[Trouble], told: Mapping[str, datetime], now: datetime
    ) -> tuple[Trouble, ...]:
        fresh = problems_to_tell(troubles, told, now)
        settings = self._settings.failure_mail
        if settings is None or not fresh:
            return ()
        return fresh if failure_mail.send_failure_mail(settings, fresh, now, self._warn) else ()

    def _say(self, warning: str) -> None:
        if warning:
            self._warn(warning)
