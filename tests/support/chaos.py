"""Kills, rivals and what is left of the promise afterwards: nothing lost, nothing doubled.

``python -m support.chaos --kills 200`` is ``make chaos``; tests/e2e/test_chaos.py runs a short
form.

Each round is a week of its own, due by a clock that stands where the round wants it. A
``slo-reports run-due`` is killed with SIGKILL, at a random instant or at one effectful step, and
run again until one ends by itself. Then the mailbox, the share and the ledger are looked at.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from support.mail_server import Mailbox, mail_server
from support.postgres import new_database, running_postgres
from support.real_mail import RealMail, real_mail
from support.weeks import SOURCE, monday, write_definition, years_of_traffic

from slo_reports.ledger import Ledger
from slo_reports.model import DeliveryState, Parcel
from slo_reports.periods import PeriodKind, containing, following

MONDAY = date(2016, 1, 4)
WEEKS = 560
"""The first week, and how many there are: one for each round, all of them over."""
RECIPIENTS = ("director", "cto")
DELIVERIES = 5
"""Of a week: two documents and their manifest on the share, a mail to each recipient."""
SETTINGS = (
    """\
version: 1
state: state
{ledger}
definitions: [definitions]
source: """
    + SOURCE
    + """
retry: {{first: 1s, longest: 1m}}
destinations:
  archive: {{kind: share, path: share}}
  people:
    kind: mail
    sender: slo@example.com
    recipients: [director@example.com, cto@example.com]
    attach: [html]
    when_uncertain: {policy}
    server: {{host: 127.0.0.1, port: {port}, security: none}}
{archive}
reports:
  - name: shop
    title: Shop
    period: week
    schedule: {{every: week}}
    start_from: {start}
    trend: 1
    formats: [html, json]
    destinations: [archive, people]
"""
)
ARCHIVE = """\
    archive:
      address: archive@example.com
      host: 127.0.0.1
      port: {imap_port}
      security: none
      username: archive
      password: file:{password}
      wait: 1s
"""


@dataclass
class Tally:
    """What was done and what was found."""

    kills: int = 0
    starts: int = 0
    keys: int = 0
    lost: list[str] = field(default_factory=list)
    doubled_files: list[str] = field(default_factory=list)
    differing_mails: list[str] = field(default_factory=list)
    doubled_mails: int = 0
    unexplained_doubles: list[str] = field(default_factory=list)

    def faults(self, policy: str) -> list[str]:
        """What breaks the promise under a policy for mails whose answer was lost."""
        found = [*self.lost, *self.doubled_files, *self.differing_mails, *self.unexplained_doubles]
        if policy == "verify" and self.doubled_mails:
            found.append(f"{self.doubled_mails} mails doubled under verify")
        return found

    def __str__(self) -> str:
        return (
            f"{self.starts} starts, {self.kills} of them killed; {self.keys} deliveries: "
            f"{len(self.lost)} lost, {len(self.doubled_files)} files doubled, "
            f"{self.doubled_mails} mails doubled with the identical bytes after a lost answer, "
            f"{len(self.unexplained_doubles)} doubled otherwise, "
            f"{len(self.differing_mails)} with other bytes"
        )


class Zygote:
    """The process that forks; see ``support.zygote``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(Path(__file__).with_name("zygote.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._line()

    @property
    def pid(self) -> int:
        """Its own; the jobs are its children."""
        return self._process.pid

    def __call__(self, *words: str, now: datetime, **order: object) -> dict[str, object]:
        order |= {"words": words, "now": now.isoformat(), "log": str(self._folder / "log")}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return dict(json.loads(self._line()))

    def close(self) -> None:
        self._process.communicate(timeout=30)

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            msg = "the zygote died"
            raise AssertionError(msg)
        return line


@dataclass
class Arena:
    """One world that is fought over: settings, servers, a share and a ledger."""

    folder: Path
    url: str | None
    zygote: Zygote
    inbox: Callable[[], list[tuple[str, bytes]]]
    mail_is_idle: Callable[[], object]
    tally: Tally = field(default_factory=Tally)
    rounds: int = 0

    def next_monday(self) -> datetime:
        """The instant at which the week of a new round has just fallen due."""
        self.rounds += 1
        assert self.rounds < WEEKS, "more rounds than weeks with data"
        return monday(self.rounds, since=MONDAY, hours=1)

    def start(self, now: datetime, **how: object) -> dict[str, object]:
        """One start of the job, or several at once."""
        ended = self.zygote("run-due", now=now, **how)
        self.tally.starts += len(ended["codes"])  # type: ignore[arg-type]
        self.tally.kills += sum(code == -9 for code in ended["codes"])  # type: ignore[attr-defined]
        return ended

    def finish(self, now: datetime) -> None:
        """Start it until it ends by itself with everything delivered."""
        self.mail_is_idle()  # `wait` of the archive: what was handed over has time to arrive there
        for more in range(1, 8):
            if self.start(now + timedelta(hours=6 * more))["codes"] == [0]:
                return
        msg = f"a week did not come to its end: {(self.folder / 'log').read_text()[-3000:]}"
        raise AssertionError(msg)

    def how_long(self) -> tuple[float, int]:
        """The seconds and the effectful steps of an undisturbed week."""
        ended = self.start(self.next_monday())
        assert ended["codes"] == [0], (self.folder / "log").read_text()[-3000:]
        return float(ended["seconds"]), int(ended["steps"])  # type: ignore[arg-type, call-overload]

    def look(self) -> None:
        """Compare mailbox, share and ledger."""
        share = self.folder / "share"
        filed = {
            str(one.relative_to(share)): hashlib.sha256(one.read_bytes()).hexdigest()
            for one in sorted(share.rglob("*"))
            if one.is_file() and not one.name.startswith(".") and one.name != "index.html"
        }
        mails: dict[str, list[bytes]] = {}
        for message_id, content in self.inbox():
            mails.setdefault(message_id, []).append(content)
        with Ledger.open(self.folder / "state", self.url) as ledger:
            runs = ledger.history()
            weeks = Counter(run.period for run in runs)
            self._look_at_weeks(weeks)
            for run in runs:
                for one in ledger.open_deliveries(run, tuple(DeliveryState)):
                    self.tally.keys += 1
                    if one.delivery.state is not DeliveryState.DELIVERED:
                        self.tally.lost.append(f"{run.title}: {one.delivery}")
                    elif one.parcel.message_id is None:
                        if filed.pop(one.parcel.recipient, None) != one.parcel.sha256:
                            self.tally.lost.append(
                                f"{run.title}: {one.parcel.recipient} is not filed"
                            )
                    else:
                        self._look_at_mail(one.parcel, one.delivery.tries, mails)
        self.tally.doubled_files += [f"{name}: nobody delivered it" for name in filed]
        self.tally.unexplained_doubles += [f"{one}: nobody sent it" for one in mails]

    def _look_at_weeks(self, weeks: Counter[str]) -> None:
        week = containing(PeriodKind.WEEK, MONDAY, "UTC")
        for _ in range(self.rounds):
            if weeks.pop(week.id, 0) != 1:
                self.tally.lost.append(f"{week.id} was not made once")
            week = following(week)
        self.tally.doubled_files += [f"{one} was never due" for one in weeks]

    def _look_at_mail(
        self, parcel: Parcel, tries: tuple[object, ...], mails: dict[str, list[bytes]]
    ) -> None:
        copies = mails.pop(parcel.message_id or "", [])
        if not copies:
            self.tally.lost.append(f"{parcel.message_id} to {parcel.recipient} is in no mailbox")
        frozen = parcel.content.replace(b"\r\n", b"\n").rstrip(b"\n")
        if any(not one.replace(b"\r\n", b"\n").rstrip(b"\n").endswith(frozen) for one in copies):
            self.tally.differing_mails.append(f"{parcel.message_id} differs from what was frozen")
        begun = sum(one.outcome is DeliveryState.SENDING for one in tries)  # type: ignore[attr-defined]
        if len(copies) > max(begun, 1):
            self.tally.unexplained_doubles.append(f"{parcel.message_id} came {len(copies)} times")
        self.tally.doubled_mails += max(0, len(copies) - 1)


@contextmanager
def arena(*, source: str, database: str, policy: str) -> Iterator[Arena]:
    """A world on SQLite or PostgreSQL, whose lost answers are handled by a policy."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="slo-reports-chaos-")))
        url = None
        if database == "postgresql":
            url = new_database(stack.enter_context(running_postgres()))
        if policy == "verify":
            mail = stack.enter_context(real_mail())
            port, archive = (
                mail.smtp_port,
                ARCHIVE.format(imap_port=mail.imap_port, password=mail.password_file),
            )
            inbox, idle = _maildirs(mail), mail.wait_until_idle
        else:
            mailbox = stack.enter_context(mail_server(Mailbox()))
            port, archive = mailbox.port, ""
            inbox, idle = _received(mailbox), _nothing
        settings = SETTINGS.format(
            ledger="" if url is None else f'ledger: {{url: "{url}"}}',
            url=source,
            policy=policy,
            port=port,
            archive=archive,
            start=MONDAY,
        )
        write_definition(folder)
        (folder / "slo_reports.yaml").write_text(settings, encoding="utf-8")
        zygote = Zygote(folder)
        stack.callback(zygote.close)
        yield Arena(folder, url, zygote, inbox, idle)


def _nothing() -> None:
    """This server takes a message and stores it in one step."""


def _received(mailbox: Mailbox) -> Callable[[], list[tuple[str, bytes]]]:
    def inbox() -> list[tuple[str, bytes]]:
        return [
            (str(message["Message-ID"]), envelope.content)
            for message, envelope in zip(mailbox.messages(), mailbox.envelopes, strict=True)
        ]

    return inbox


def _maildirs(mail: RealMail) -> Callable[[], list[tuple[str, bytes]]]:
    def inbox() -> list[tuple[str, bytes]]:
        found = []
        for user in RECIPIENTS:
            for content in mail.messages(user):
                (line,) = [
                    one for one in content.split(b"\n") if one.lower().startswith(b"message-id:")
                ]
                found.append((line.partition(b":")[2].strip().decode(), content))
        return found

    return inbox


def kill_at_random_instants(one: Arena, kills: int, chance: random.Random) -> None:
    """Each week's first start is killed somewhere in it, some of the next ones, too."""
    seconds, _ = one.how_long()
    target = one.tally.kills + kills
    while one.tally.kills < target:
        now, again = one.next_monday(), True
        while again and one.tally.kills < target:
            one.start(now, kill_after=chance.uniform(0, seconds))
            now += timedelta(hours=1)
            again = chance.random() < 0.3
        one.finish(now)


def kill_at_every_step(one: Arena, every: int = 1) -> int:
    """A week for each effectful step, or for each so many-th; how many steps there are."""
    if not one.rounds:
        one.how_long()  # the first week makes the ledger, too, and takes more steps than any other
    _, steps = one.how_long()
    for step in range(1, steps + 1, every):
        now = one.next_monday()
        one.start(now, kill_at=step)
        one.finish(now)
    return steps


def start_together(one: Arena, times: int, rivals: int = 3) -> None:
    """Several schedulers wake at the same instant."""
    for _ in range(times):
        now = one.next_monday()
        ended = one.start(now, copies=rivals)
        assert set(ended["codes"]) <= {0, 8}, ended  # type: ignore[call-overload]
        one.finish(now)


@dataclass(frozen=True)
class World:
    """A database and a policy, and what is done to them besides kills at random instants."""

    database: str
    policy: str
    every_step: bool = False
    rivals: bool = False

    @property
    def name(self) -> str:
        """How the command line calls it."""
        return f"{self.database}-{self.policy}"


WORLDS = (
    World("sqlite", "resend", every_step=True),
    World("postgresql", "verify", every_step=True),
    World("sqlite", "verify", rivals=True),
    World("postgresql", "resend", rivals=True),
)


def main() -> None:
    """All of it, a line for each world."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=200, help="kills at random instants in all")
    parser.add_argument("--starts", type=int, default=100, help="times three schedulers start")
    parser.add_argument("--seed", type=int, default=None, help="of the random instants")
    names = [world.name for world in WORLDS]
    parser.add_argument("--only", choices=names, action="append", help="only these worlds")
    wanted = parser.parse_args()
    seed = random.SystemRandom().randrange(10**6) if wanted.seed is None else wanted.seed
    print(f"seed {seed}", flush=True)
    worlds = [world for world in WORLDS if world.name in (wanted.only or names)]
    kills = -(-wanted.kills // len(worlds))
    starts = -(-wanted.starts // max(1, sum(world.rivals for world in worlds)))
    with years_of_traffic(WEEKS, MONDAY) as source:
        bad = [
            fault
            for world in worlds
            for fault in _fight(world, source, kills, starts, random.Random(seed))
        ]
    for fault in bad:
        print(f"  ✗ {fault}")
    print(f"{len(bad)} faults" if bad else "0 lost, 0 doubled otherwise than the policy allows")
    sys.exit(bool(bad))


def _fight(world: World, source: str, kills: int, starts: int, chance: random.Random) -> list[str]:
    """Do all that is done in one world, and say what it came to."""
    with arena(source=source, database=world.database, policy=world.policy) as one:
        done = []
        if world.every_step:
            done.append(f"a kill at each of {kill_at_every_step(one)} steps")
        kill_at_random_instants(one, kills, chance)
        done.append(f"{kills} kills at random instants")
        if world.rivals:
            start_together(one, starts)
            done.append(f"{starts} starts of three at once")
        one.look()
    print(f"{world.name}: {', '.join(done)}; {one.tally}", flush=True)
    return [f"{world.name}: {fault}" for fault in one.tally.faults(world.policy)]


if __name__ == "__main__":
    main()
