"""Tokens of RFC 3161: what holds, what does not, and what a hostile archive may bring."""

import subprocess
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.core import layout, timestamp
from archive.errors import FormatError
from archive.exporters.verification_page import page
from archive.ledger.brackets import Brackets, Stamped
from archive.ledger.drafts import clear_draft
from cli.verification import _window
from schemas.report import VerificationReport
from tests.attacks import newest_note
from tests.authority import Ca, Stamper, redated
from tests.ledger_kit import Kit, item_draft
from tests.tools import Tools

NOTE = b"a note\n"


@pytest.fixture(scope="module")
def stamper(tmp_path_factory: pytest.TempPathFactory, tools: Tools) -> Stamper:
    tools.need("openssl")
    return Stamper(tmp_path_factory.mktemp("tsa") / "one", "one")


@pytest.fixture(scope="module")
def token(stamper: Stamper) -> bytes:
    return timestamp.token_in(stamper.stamp(timestamp.make_request(NOTE)))


def test_a_token_holds_over_its_note_only(stamper: Stamper, token: bytes) -> None:
    found = timestamp.check(token, NOTE, stamper.roots)
    assert abs(found.time - datetime.now(UTC)) < timedelta(minutes=5)
    assert found.name == "CN=Authority one"
    with pytest.raises(FormatError):
        timestamp.check(token, b"another note\n", stamper.roots)


def test_a_root_that_the_token_brings_itself_is_not_believed(stamper: Stamper, token: bytes) -> None:
    assert stamper.ca.der in timestamp.parse(token)[0].certificates
    for roots in ((), (Ca("Root of one").der,), (Ca("another").der,)):
        with pytest.raises(FormatError) as caught:
            timestamp.check(token, NOTE, roots, (stamper.ca.der,))
        assert "PKCS7" not in str(caught.value)


def test_a_root_that_signed_itself_with_sha_1_is_one(kit: Kit, tmp_path: Path) -> None:
    """Houses whose roots are old stamp under them; what they signed is signed otherwise."""
    ca = Ca("old root")
    pem = ca.key.private_bytes(timestamp.Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key").write_bytes(pem)
    made = subprocess.run(
        ["openssl", "req", "-x509", "-sha1", "-key", "key", "-subj", "/CN=old root", "-outform", "DER"],
        cwd=tmp_path, capture_output=True, check=True,
    )  # fmt: skip
    ca.certificate = x509.load_der_x509_certificate(made.stdout)
    assert timestamp.is_root(ca.der)
    stamp(kit, Stamper(tmp_path / "old", "old", ca=ca))
    for authorities in ((), (ca.der,)):
        report = kit.verify(1, now=now(), authorities=authorities)
        assert (report.exit_code, report.tokens) == (0, 1), report.findings


def test_an_authority_under_a_strange_intermediate_is_not_believed(tmp_path: Path) -> None:
    """The chain's middle may come from anybody; only its end counts."""
    root = Ca("honest root")
    middle = Ca("middle")
    stamper = Stamper(tmp_path / "deep", "deep", ca=middle)
    crossed = root.issue("middle", middle.key.public_key(), ca=True).public_bytes(timestamp.Encoding.DER)
    token = timestamp.token_in(stamper.stamp(timestamp.make_request(NOTE)))
    assert timestamp.check(token, NOTE, (root.der,), (crossed,))
    with pytest.raises(FormatError):
        timestamp.check(token, NOTE, (Ca("other root").der,), (crossed, middle.der))


def test_a_certificate_that_had_ended_when_it_signed_is_broken(tmp_path: Path) -> None:
    old = Stamper(tmp_path / "old", "old", days=(-300, -10))
    token = timestamp.token_in(old.stamp(timestamp.make_request(NOTE)))
    with pytest.raises(FormatError, match=r"the chain of its authority .*: certificate has expired$"):
        timestamp.check(token, NOTE, old.roots)


def test_certificates_in_any_order(stamper: Stamper, token: bytes) -> None:
    """`openssl ts` and others do not sort the set of certificates; it is not signed."""
    each = timestamp.parse(token)[0].certificates
    assert len(each) == 2
    block = b"".join(each)
    at = token.index(block)
    for order in (block, b"".join(each[::-1])):
        turned = token[:at] + order + token[at + len(block) :]
        assert timestamp.check(turned, NOTE, stamper.roots).serial


@settings(max_examples=300, deadline=None)
@given(place=st.integers(0, 10**6), bit=st.integers(0, 7), cut=st.booleans())
def test_a_damaged_token_never_breaks_the_reader(
    stamper: Stamper, token: bytes, place: int, bit: int, cut: bool
) -> None:
    at = place % len(token)
    damaged = token[:at] if cut else token[:at] + bytes([token[at] ^ 1 << bit]) + token[at + 1 :]
    try:
        found = timestamp.check(damaged, NOTE, stamper.roots)
    except FormatError:
        return
    assert found.time == timestamp.check(token, NOTE, stamper.roots).time, "only unsigned bytes may differ"


# ---- in a ledger


def stamp(
    kit: Kit, stamper: Stamper, *, evidence: tuple[bytes, ...] = (), record: bool = True
) -> dict[str, object]:
    name, note = max((n, b) for n, b in kit.archive.objects.items() if n.startswith(layout.CHECKPOINTS))
    size, digest = layout.parse_numbered(name)
    request = timestamp.make_request(note)
    raw = timestamp.token_in(stamper.stamp(request))
    pieces = (request, stamper.ca.der, *evidence)
    for one in (raw, *pieces):
        kit.archive.objects[layout.token(sha256(one).hexdigest())] = one
    body = {
        "authority": timestamp.parse(raw)[0].authority_sha256, "checkpoint": digest,
        "evidence": [sha256(one).hexdigest() for one in pieces], "size": size,
        "token": sha256(raw).hexdigest(),
    }  # fmt: skip
    if record:
        kit.append(kit.ledger(), "ingest", clear_draft("anchor", body))
    return body


def kinds(report: VerificationReport) -> list[str]:
    return [finding.kind for finding in report.findings]


def now() -> int:
    return int(datetime.now(UTC).timestamp())


@pytest.fixture
def kit() -> Kit:
    kit = Kit(time=now() - 60)
    kit.append(kit.found(), "ingest", item_draft("before"))
    return kit


def test_a_ledger_with_a_token(kit: Kit, stamper: Stamper) -> None:
    stamp(kit, stamper)
    report = kit.verify(1, now=now())
    assert (kinds(report), report.tokens, report.timed_size) == ([], 1, 3)


def test_expired_since_is_told_from_broken_and_a_later_token_renews(kit: Kit, stamper: Stamper) -> None:
    stamp(kit, stamper)
    later = now() + 401 * 86_400
    report = kit.verify(1, now=later)
    assert (kinds(report), report.exit_code, report.tokens) == (["expired"], 0, 1)
    assert "renews them" in report.findings[0].text
    strange = kit.verify(1, now=later, authorities=(Ca("other").der,))
    assert (kinds(strange), strange.exit_code, strange.tokens) == (["unknown", "not_believed"], 4, 0)


def test_expired_and_renewed(kit: Kit, stamper: Stamper, tmp_path: Path) -> None:
    stamp(kit, stamper)
    stamp(kit, Stamper(tmp_path / "young", "young", days=(-1, 900)))
    report = kit.verify(1, now=now() + 500 * 86_400)
    assert kinds(report) == ["expired"]
    assert "cover all of them" in report.findings[0].text


def test_revoked_before_the_token_is_broken_and_after_it_is_not(kit: Kit, stamper: Stamper) -> None:
    early = stamper.ca.revoke(stamper.certificate, datetime.now(UTC) - timedelta(days=3))
    late = stamper.ca.revoke(stamper.certificate, datetime.now(UTC) + timedelta(days=3))
    stamp(kit, stamper, evidence=(late,))
    assert kinds(kit.verify(1, now=now())) == []
    stamp(kit, stamper, evidence=(early,))
    assert kinds(kit.verify(1, now=now())) == ["bad_token"]


def test_the_token_of_another_checkpoint(kit: Kit, stamper: Stamper) -> None:
    first = stamp(kit, stamper, record=False)
    kit.append(kit.ledger(), "ingest", item_draft("later"))
    second = stamp(kit, stamper, record=False)
    swapped = clear_draft("anchor", {**second, "token": first["token"]})
    kit.append(kit.ledger(), "ingest", swapped)
    assert kinds(kit.verify(1, now=now())) == ["bad_token"]


def test_a_token_for_another_request_than_the_evidence_holds(kit: Kit, stamper: Stamper) -> None:
    body = stamp(kit, stamper, record=False)
    note = max((n, b) for n, b in kit.archive.objects.items() if n.startswith(layout.CHECKPOINTS))[1]
    other = timestamp.make_request(note)
    kit.archive.objects[layout.token(sha256(other).hexdigest())] = other
    body["evidence"] = [sha256(other).hexdigest(), *body["evidence"][1:]]  # type: ignore[index]
    kit.append(kit.ledger(), "ingest", clear_draft("anchor", body))
    [finding] = kit.verify(1, now=now()).findings
    assert finding.kind == "bad_token"
    assert "nonce" in finding.text


@pytest.mark.parametrize(("off", "how"), [(-90 * 86_400, "backwards"), (90 * 86_400, "forwards")])
def test_a_wrong_clock_is_seen_between_two_tokens(kit: Kit, stamper: Stamper, off: int, how: str) -> None:
    stamp(kit, stamper)
    right = kit.time
    kit.time = right + off
    kit.append(kit.ledger(), "ingest", item_draft("when?"))
    kit.time = right + 5
    stamp(kit, stamper)
    said = [
        finding.text for finding in kit.verify(1, now=now()).findings if "operator's clock" in finding.text
    ]
    assert len(said) == 1
    assert how in said[0]


def test_each_direction_of_a_wrong_clock_is_told(kit: Kit, stamper: Stamper) -> None:
    """Two segments, wrong in two ways: the direction of the first is not that of both."""
    stamp(kit, stamper)
    right = kit.time
    for days in (90, -90):
        kit.time = right + days * 86_400
        kit.append(kit.ledger(), "ingest", item_draft("when?"))
    kit.time = right + 5
    stamp(kit, stamper)
    said = [f.text for f in kit.verify(1, now=now()).findings if "operator's clock" in f.text]
    assert [("forwards" in text, "backwards" in text, "1 segments" in text) for text in said] == [
        (True, False, True),
        (False, True, True),
    ]


def test_a_time_of_sealing_that_is_still_to_come_is_told_without_tokens(kit: Kit) -> None:
    """Whoever verifies has a clock too; an age that is reckoned from such a time would be none."""
    kit.time = now() + 400 * 86_400
    kit.append(kit.ledger(), "ingest", item_draft("when?"))
    head = ("kept.note", newest_note(kit))
    report = kit.verify(1, now=now(), heads=[head])
    assert report.exit_code == 0, report.findings
    assert [f.kind for f in report.findings] == ["clock"]
    assert "ahead" in report.findings[0].text
    assert report.newest_head_ahead
    assert not kit.verify(1, now=kit.time, heads=[head]).newest_head_ahead
    assert "still to come" in _window(report)
    assert "0 minutes" not in _window(report)
    assert "still to come" in page(report, "now")


def liar(stamper: Stamper, moment: datetime, **accuracy: int) -> Stamper:
    """The same authority, with another time in its tokens."""
    false = copy(stamper)
    false.stamp = lambda request: redated(stamper, stamper.stamp(request), moment, **accuracy)  # type: ignore[method-assign]
    return false


def test_a_token_that_is_dated_before_what_it_follows(kit: Kit, stamper: Stamper) -> None:
    """One of two authorities lies; neither is believed silently."""
    stamp(kit, stamper)
    kit.append(kit.ledger(), "ingest", item_draft("after it"))
    stamp(kit, liar(stamper, datetime.now(UTC) - timedelta(days=1)))
    report = kit.verify(1, now=now())
    assert "bad_token" in kinds(report)
    assert any("one of both authorities is wrong" in finding.text for finding in report.findings)


def test_what_an_authority_says_of_its_own_clock_widens_the_bracket(kit: Kit, stamper: Stamper) -> None:
    moment = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
    stamp(kit, liar(stamper, moment, seconds=90, millis=1))
    report = kit.verify(1, now=now())
    assert report.newest_token == int(moment.timestamp()) + 91, "sealed before that, and no second earlier"


@pytest.mark.parametrize(
    ("moment", "accuracy"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), 10**21),
        (datetime(2026, 1, 1, tzinfo=UTC), 10**12),
        (datetime(2026, 1, 1, tzinfo=UTC), 86_401),
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), 1),
    ],
)
def test_a_token_that_bounds_nothing_is_a_finding_and_breaks_no_answer(
    kit: Kit, stamper: Stamper, moment: datetime, accuracy: int
) -> None:
    """By a holder of the ingest key: at receipt it is refused. No calendar reaches so far."""
    stamp(kit, liar(stamper, moment, seconds=accuracy))
    report = kit.verify(1, now=now())
    assert "bad_token" in kinds(report)
    assert report.tokens == 0
    assert report.newest_token is None


def test_each_authority_is_named_with_what_it_stamped_and_the_earliest_bound(
    kit: Kit, stamper: Stamper, tmp_path: Path
) -> None:
    """An authority that was down, or whose clock is coarse, says nothing of what another one stamped."""
    other = Stamper(tmp_path / "two", "two")
    stamp(kit, liar(other, datetime.now(UTC), seconds=7200))
    kit.append(kit.ledger(), "ingest", item_draft("while two is down"))
    stamp(kit, stamper)
    report = kit.verify(1, now=now())
    one, two = report.authorities
    assert (one.authority, two.authority) == ("CN=Authority one", "CN=Authority two")
    assert one.size > two.size
    assert one.before < now() + 60 < two.before
    assert (report.timed_size, report.newest_token) == (one.size, one.before)


def test_a_record_lies_between_the_nearest_tokens() -> None:
    base = Stamped(10, 9, 1_000_000, 1_000_002, "one", 2**40)
    later = replace(base, index=20, size=18, time=1_009_000, until=1_009_002, authority="two")
    brackets = Brackets([base, later])
    before, after = brackets.of(12)
    assert before is not None
    assert after is not None
    assert (before.time, after.until) == (1_000_000, 1_009_002)
    assert brackets.of(3)[0] is None
    assert brackets.of(25)[1] is None
    before, _ = brackets.of(25)
    assert before is not None
    assert before.time == 1_009_000
