"""Random counters over some days, scraped once a minute, with all that counters do."""

import random
from datetime import datetime


class Counters:
    """Samples by series text; every service has a counter per code and its own ``up``."""

    def __init__(self, start: datetime, end: datetime, seed: int = 7):
        self.start, self.end = start.timestamp(), end.timestamp()
        self.samples = {}
        self.random = random.Random(seed)

    def service(self, job, *, born=None, died=None, gaps=(), flaps=None, **more):
        """One service; hours after the start. In ``flaps`` two of five scrapes fail."""
        crashes, pods, rates = (
            more.get("crashes", 0),
            more.get("pods", 1),
            more.get("rates", (60, 2)),
        )
        begin = self.start - 5 * 3600 if born is None else self._at(born)
        end = self.end + 3600 if died is None else self._at(died)
        dark = [(self._at(first), self._at(last)) for first, last in gaps]
        flaps_at = [self._at(one) for one in flaps or (0, 0)]
        cuts = [begin + (end - begin) * n / pods for n in range(pods + 1)]
        for code, rate in zip(("200", "500"), rates, strict=True):
            for pod in range(pods):
                name = f'http_requests_total{{job="{job}",code="{code}",instance="pod-{pod}"}}'
                restarts = [self.random.uniform(begin, end) for _ in range(crashes)]
                late = 0 if code == "200" else self.random.uniform(0, 20 * 3600)
                span = cuts[pod] + late, cuts[pod + 1]
                self.samples[name] = list(self._counter(span, rate, dark, restarts))
        self.samples[f'up{{job="{job}",instance="{job}:1"}}'] = [
            (time, 0 if flaps and _inside(time, [flaps_at]) and time // 60 % 5 > 2 else 1)
            for time in _minutes(begin + 7.3, end)
            if not _inside(time, dark)
        ]

    def until(self, hours):
        """The same samples as far as a server has them that forgot what lies before."""
        cut = self._at(hours)
        return {
            name: kept
            for name, points in self.samples.items()
            if (kept := [(time, value) for time, value in points if time >= cut])
        }

    def _at(self, hours):
        return self.start + 3600 * hours

    def _counter(self, span, rate, dark, restarts):
        value, left = 0, sorted(restarts)
        for time in _minutes(span[0] + 7.3, span[1]):
            while left and left[0] <= time:
                value = 0
                left.pop(0)
            value += self.random.randrange(2 * rate + 1)
            if not _inside(time, dark):
                yield time, value


def _inside(time, spans):
    return any(first <= time < last for first, last in spans)


def _minutes(begin, end):
    return (begin + 60 * n for n in range(int((end - begin) // 60)))
