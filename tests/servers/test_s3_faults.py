"""Every request of a commit × every way in which it can go wrong × what the next run finds, on a real server.

After each: verification is clean, nothing acknowledged is lost, no record is there twice, and the archive can
be written to again.
"""

from collections.abc import Callable, Iterator

import pytest

from archive.adapters import objects_s3, s3_client
from archive.errors import Forbidden, StoreError
from archive.ledger.state import LedgerState
from tests.servers.conftest import Buckets
from tests.servers.fault_proxy import FAULTS, KILLS, FaultProxy, Request
from tests.servers.s3_kit import PAUSES, Given, append, drafts_of, found, in_child, texts


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (s3_client, objects_s3):
        monkeypatch.setattr(module, "pauses", lambda: iter(PAUSES))


@pytest.fixture
def given(buckets: Buckets) -> Given:
    return found(buckets)


@pytest.fixture
def proxy(buckets: Buckets) -> FaultProxy:
    return FaultProxy(buckets.server.endpoint)


class Case:
    """An archive behind the proxy, and what must be in it."""

    def __init__(self, given: Given, proxy: FaultProxy, address: str) -> None:
        self.given, self.proxy, self.address = given, proxy, address
        self.acknowledged: list[str] = []
        self.tried: list[str] = []
        self.remembered: bytes | None = None

    def run(self, text: str) -> None:
        """Append through the proxy."""
        self.tried.append(text)
        kit = self.given.kit(self.address)
        state = LedgerState.from_bytes(self.remembered) if self.remembered else None
        ledger = kit.ledger(state=state)
        kit.append(ledger, "ingest", *drafts_of(text))
        self.acknowledged.append(text)
        # Most runs remember the one before, some walk the ledger from its beginning.
        self.remembered = None if len(self.acknowledged) % 20 == 19 else ledger.state.to_bytes()

    def requests(self) -> int:
        """Give how many requests a run makes that remembers the one before."""
        self.run("first")
        self.proxy.reset()
        self.run("measured")
        count = len(self.proxy.seen)
        self.proxy.reset()
        assert count > 15
        return count

    def check(self) -> None:
        """Let everything pass again; run; look at all of it."""
        self.proxy.reset()
        self.run(f"after {len(self.tried)}")
        kit = self.given.kit(timeout=30)
        report = kit.verify(2)
        assert report.exit_code == 0, report.findings
        assert report.sealed_size == report.size
        found = [text for text in texts(kit) if text]
        assert len(found) == len(set(found)), "no record twice"
        assert set(self.acknowledged) <= set(found), "nothing acknowledged is lost"
        assert set(found) <= set(self.tried)


@pytest.mark.parametrize(
    "part", [pytest.param(3, id="each third"), pytest.param(1, id="all", marks=pytest.mark.long)]
)
def test_every_request_fails_once(given: Given, proxy: FaultProxy, part: int) -> None:
    """A run rides out one fault of any kind by itself, but for a refusal, which it tells at once."""
    with proxy.running() as address:
        case = Case(given, proxy, address)
        for number in range(case.requests()):
            for fault in [fault for at, fault in enumerate(FAULTS) if (number + at) % part == 0]:
                fail(proxy, fault, lambda request, number=number: request.number == number)
                text = f"{number} {fault}"
                if fault == "403":
                    with pytest.raises(Forbidden):
                        case.run(text)
                else:
                    case.run(text)
                proxy.reset()
        case.check()


def fail(proxy: FaultProxy, fault: str, when: Callable[[Request], bool]) -> None:
    proxy.decide = lambda request: fault if when(request) else None


@pytest.mark.parametrize("fault", ["failed", "done", "403", "503", "cut"])
def test_the_server_goes_away_in_the_middle(given: Given, proxy: FaultProxy, fault: str) -> None:
    """From some request on nothing works any more: the run says so, and the next one heals what it left."""
    with proxy.running() as address:
        case = Case(given, proxy, address)
        for number in range(case.requests()):
            fail(proxy, fault, lambda request, number=number: request.number >= number)
            with pytest.raises(StoreError):
                case.run(f"{number} {fault}")
            proxy.reset()
            case.run(f"after {number}")
        case.check()


def kills() -> Iterator[str]:
    yield from KILLS


@pytest.mark.parametrize("when", list(kills()))
def test_killed_at_every_request(given: Given, proxy: FaultProxy, when: str) -> None:
    with proxy.running() as address:
        case = Case(given, proxy, address)
        killed, count = 0, case.requests()
        for number in range(count):
            proxy.victim = 0
            fail(proxy, when, lambda request, number=number: request.number == number)
            text = f"{number} {when}"
            case.tried.append(text)
            process = in_child(append, given, address, text, case.remembered)
            proxy.victim = process.pid or 0
            process.join(60)
            killed += process.exitcode == -9
            proxy.reset()
            if number % 10 == 9:
                case.check()
        case.check()
        assert killed >= count - 2


def test_a_frozen_server_stores_nothing_twice(given: Given, buckets: Buckets) -> None:
    """The real thing: the store behind the gateway stands still, answers are lost, writes land later."""
    import threading
    import time

    kit = given.kit(timeout=1)
    ledger = kit.ledger()
    ledger.follow()
    buckets.server.freeze("osd")
    threading.Timer(1.6, lambda: buckets.server.thaw("osd")).start()
    try:
        kit.append(ledger, "ingest", *drafts_of("while it stood still"))
    except StoreError:
        time.sleep(1)
    finally:
        buckets.server.thaw("osd")
    again = given.kit(timeout=30)
    again.append(again.ledger(), "ingest", *drafts_of("later"))
    report = again.verify(2)
    assert report.exit_code == 0, report.findings
    found = [text for text in texts(again) if text]
    assert found.count("later") == 1
    assert found.count("while it stood still") <= 1
