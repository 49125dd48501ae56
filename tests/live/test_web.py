"""How a live source asks: limits, pauses, logins, redirects, sizes. The answers are replayed."""

import gzip
import itertools
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from archive.channels.live import web as module
from archive.channels.live.web import Web
from archive.errors import AskedToWait, Refused, Unreachable
from tests.commandline.conftest import as_sent

Answer = Callable[[httpx.Request], httpx.Response]


def asked(
    *answers: httpx.Response | Exception, bearer: str | None = None
) -> tuple[Web, list[httpx.Request], list[float]]:
    """A client whose server says these things in turn."""
    seen: list[httpx.Request] = []
    slept: list[float] = []
    turn = itertools.chain(answers)

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        answer = next(turn)
        if isinstance(answer, Exception):
            raise answer
        return as_sent(answer)

    client = httpx.Client(transport=httpx.MockTransport(handle))
    return Web(client=client, bearer=bearer, sleep=slept.append), seen, slept


def test_a_limit_is_honoured_and_told() -> None:
    web, seen, slept = asked(
        httpx.Response(429, headers={"Retry-After": "7"}), httpx.Response(200, content=b"x")
    )
    assert web.get("https://api.example/a").body == b"x"
    assert len(seen) == 2
    assert 7 <= slept[0] <= 9
    (wait,) = web.taken_waits()
    assert wait.seconds >= 7
    assert "429" in wait.reason
    assert web.taken_waits() == ()


def test_pauses_grow_and_differ() -> None:
    web, seen, slept = asked(*(httpx.Response(503) for _ in range(4)), httpx.Response(200))
    assert web.get("https://api.example/").status == 200
    assert slept == sorted(slept)
    assert slept[-1] > 4 * slept[0]
    other, _, again = asked(*(httpx.Response(503) for _ in range(4)), httpx.Response(200))
    other.get("https://api.example/")
    assert again != slept
    assert len(seen) == 5


@pytest.mark.parametrize(
    ("header", "write"),
    [
        ("X-RateLimit-Reset", lambda at: at.isoformat().replace("+00:00", "Z")),
        ("RateLimit-Reset", lambda at: str(round(at.timestamp()))),
        ("Retry-After", format_datetime),
    ],
    ids=["Mastodon", "Bluesky", "a date"],
)
def test_the_time_at_which_a_limit_begins_anew_is_waited_for(
    header: str, write: Callable[[datetime], str]
) -> None:
    for ahead, least, most in ((60, 58, 76), (-60, 0, 2)):
        told = write(datetime.now(UTC) + timedelta(seconds=ahead))
        web, _, slept = asked(httpx.Response(429, headers={header: told}), httpx.Response(200, content=b"x"))
        assert web.get("https://api.example/a").body == b"x"
        assert least <= slept[0] <= most, "a time that is over says nothing"


def test_a_wait_that_is_too_long_ends_the_collection() -> None:
    web, seen, slept = asked(httpx.Response(429, headers={"Retry-After": "86400"}))
    with pytest.raises(Unreachable, match="longer than 120"):
        web.get("https://api.example/")
    assert not slept
    assert len(seen) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_login_is_not_tried_again(status: int) -> None:
    web, seen, _ = asked(httpx.Response(status), bearer="geheim")
    with pytest.raises(Refused) as error:
        web.get("https://api.example/")
    assert len(seen) == 1
    assert "geheim" not in str(error.value)


def test_no_answer_is_asked_again_and_then_told() -> None:
    web, seen, _ = asked(*(httpx.ConnectError("no route") for _ in range(module.TRIES)))
    with pytest.raises(Unreachable, match=r"api\.example"):
        web.get("https://api.example/?token=geheim")
    assert len(seen) == module.TRIES


def test_a_token_goes_to_no_other_server() -> None:
    web, seen, _ = asked(
        httpx.Response(302, headers={"Location": "https://elsewhere.example/b"}),
        httpx.Response(200),
        bearer="geheim",
    )
    web.get("https://api.example/a")
    assert seen[0].headers["authorization"] == "Bearer geheim"
    assert "authorization" not in seen[1].headers


@pytest.mark.parametrize("target", ["http://api.example/b", "file:///etc/passwd", "ftp://api.example/"])
def test_no_redirect_leads_out_of_an_encrypted_connection(target: str) -> None:
    web, seen, _ = asked(httpx.Response(301, headers={"Location": target}), httpx.Response(200))
    with pytest.raises(Unreachable, match="encrypted"):
        web.get("https://api.example/a")
    assert len(seen) == 1


def test_redirects_without_end_are_told() -> None:
    web, _, _ = asked(*(httpx.Response(302, headers={"Location": "/next"}) for _ in range(20)))
    with pytest.raises(Unreachable, match="redirects"):
        web.get("https://api.example/a")


def test_an_answer_that_is_too_large_is_not_held() -> None:
    web, _, _ = asked(httpx.Response(200, content=b"x" * 1000))
    with pytest.raises(Unreachable, match="more than 999"):
        web.get("https://api.example/a", largest=999)


def test_a_wait_that_is_too_long_names_its_length() -> None:
    web, _, _ = asked(httpx.Response(429, headers={"Retry-After": "86400"}))
    with pytest.raises(AskedToWait) as error:
        web.get("https://api.example/")
    assert error.value.seconds == 86_400


class _Drops(httpx.SyncByteStream):
    """A body that comes piece by piece."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        yield from self.pieces


def packed(body: bytes, how: str = "gzip") -> httpx.Response:
    return httpx.Response(200, headers={"Content-Encoding": how}, stream=_Drops(body[:10], body[10:]))


def test_a_small_answer_that_holds_gigabytes_is_unpacked_no_further_than_allowed() -> None:
    web, seen, _ = asked(packed(gzip.compress(b"words")), packed(gzip.compress(bytes(64 << 20))))
    assert web.get("https://api.example/").body == b"words"
    assert seen[0].headers["Accept-Encoding"] == "gzip"
    tracemalloc.start()
    try:
        with pytest.raises(Unreachable, match="more than 1000 bytes"):
            web.get("https://api.example/", largest=1000)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (packed(gzip.compress(gzip.compress(b"x")), "gzip, gzip"), "nobody asked for"),
        (packed(gzip.compress(b"words" * 100)[:-12]), "breaks off"),
        (packed(gzip.compress(b"words") + gzip.compress(b"more")), "goes on behind its end"),
    ],
)
def test_what_is_not_packed_as_asked_is_no_answer(answer: httpx.Response, said: str) -> None:
    web, _, _ = asked(answer)
    with pytest.raises(Unreachable, match=said):
        web.get("https://api.example/")


def test_a_slow_answer_hears_who_stops_and_ends_some_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count(step=40.0)
    monkeypatch.setattr("archive.channels.live.web.time.monotonic", lambda: next(clock))
    web, _, slept = asked(httpx.Response(200, stream=_Drops(*[b"x"] * 100)))
    with pytest.raises(Unreachable, match="takes longer"):
        web.get("https://api.example/")
    assert len(slept) > 10, "between two pieces it is asked whether somebody stopped it"
    assert not any(slept)
