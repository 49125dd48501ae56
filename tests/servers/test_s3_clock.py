"""A computer whose clock is wrong, at a real server: `doctor` says so, and blames nothing else for it."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from archive.adapters import probe_s3, s3_client
from archive.adapters.probe_s3 import LockedProber
from archive.services.doctor import _told
from schemas.report import Probe
from tests.servers.conftest import Buckets


def seen(prober: LockedProber) -> dict[str, Probe]:
    found = [*_told("archive", prober.essential), *_told("archive", prober.further)]
    return {probe.what: probe for probe in found}


@pytest.fixture
def slow(buckets: Buckets, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Let the clock of this computer be so many seconds behind, once the buckets are there."""
    behind, real = timedelta(seconds=request.param), datetime.now

    class Slow(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return real(tz) - behind

    monkeypatch.setattr(probe_s3, "datetime", Slow)
    monkeypatch.setattr(s3_client.time, "time", lambda: (real(UTC) - behind).timestamp())
    monkeypatch.setattr(
        "botocore.auth.get_current_datetime", lambda: (real(UTC) - behind).replace(tzinfo=None)
    )


@pytest.mark.parametrize("slow", [600, -600], indirect=True, ids=["slow", "fast"])
@pytest.mark.usefixtures("slow")
def test_a_wrong_clock_keeps_no_test_from_being_made(
    buckets: Buckets, request: pytest.FixtureRequest
) -> None:
    """A lock of two minutes would be over already by the clock of the store."""
    probes = seen(LockedProber("archive", buckets.store("archive")))
    off = request.node.callspec.params["slow"]
    assert probes["clock"].verdict == "weaker"
    assert abs(int(probes["clock"].seen.split()[3]) - off) <= 2, probes["clock"].seen
    assert {what: probes[what].verdict for what in ("lock on writing", "delete", "shorten", "bypass")} == {
        "lock on writing": "holds", "delete": "holds", "shorten": "holds", "bypass": "weaker",
    }  # fmt: skip


@pytest.mark.parametrize("slow", [1800, -1800], indirect=True, ids=["slow", "fast"])
@pytest.mark.usefixtures("slow")
def test_a_clock_that_the_store_refuses_is_no_matter_of_rights(buckets: Buckets) -> None:
    probes = seen(LockedProber("archive", buckets.store("archive")))
    assert set(probes) == {"clock", "answer"}
    assert probes["clock"].verdict == "weaker"
    assert probes["answer"].verdict == "unknown"
    (told,) = re.findall(r"this one is (\d+) s (?:behind|ahead)", probes["answer"].seen)
    assert abs(int(told) - 1800) <= 2
