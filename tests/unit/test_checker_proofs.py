"""The proofs of the tree and the order of tokens in verify.py, which shares no code with the archive."""

import base64
import importlib.util
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest
from asn1crypto import cms

from archive.core import canonical, timestamp
from archive.core.merkle import HashTree, leaf_hash
from archive.errors import FormatError
from tests.authority import Stamper, redated
from tests.bundle_checker import CHECKER
from tests.tools import Tools

SIZES = range(1, 20)
TREE = HashTree([leaf_hash(bytes([number])) for number in SIZES])


@pytest.fixture
def checker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("checker", CHECKER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def head(size: int, root: bytes | None = None) -> dict[str, object]:
    return {"size": size, "root": root or TREE.root(size), "origin": "o"}


def spelt(path: list[bytes]) -> list[str]:
    return [base64.urlsafe_b64encode(node).decode().rstrip("=") for node in path]


def test_every_beginning_of_the_tree_is_shown_and_no_other_root_is(checker: ModuleType) -> None:
    for new in SIZES:
        for old in range(1, new + 1):
            path = spelt(TREE.consistency(old, new))
            checker.check_prefix(head(old), head(new), path)
            for first, second in ((head(old, bytes(32)), head(new)), (head(old), head(new, bytes(32)))):
                with pytest.raises(checker.WRONG):
                    checker.check_prefix(first, second, path)


@pytest.mark.parametrize(
    "text",
    [
        '{"n":9007199254740991}',
        '{"n":9007199254740992}', '{"n":-9007199254740992}', '{"n":1.0}', '{"n":-0}', '{"n":NaN}',
        "[" * 32 + "]" * 32, "[" * 33 + "]" * 33, '"' + "[" * 40 + '"', '{"a":' * 33 + "0" + "}" * 33,
    ],
)  # fmt: skip
def test_what_is_canonical_is_so_for_both(checker: ModuleType, text: str) -> None:
    def takes(read: Callable[[bytes], object]) -> bool:
        try:
            read(text.encode())
        except checker.WRONG:
            return False
        return True

    assert takes(checker.canonical) == takes(canonical.decode)


@pytest.mark.parametrize(("old", "new"), [(0, 5), (6, 5)])
def test_a_head_of_nothing_or_of_more_is_no_beginning(checker: ModuleType, old: int, new: int) -> None:
    with pytest.raises(checker.Bad):
        checker.check_prefix(head(old, bytes(32)), head(new), [])


def test_every_record_is_shown_under_every_head(checker: ModuleType) -> None:
    for size in SIZES:
        for index in range(size):
            path, leaf = TREE.inclusion(index, size), leaf_hash(bytes([index + 1]))
            checker.check_inclusion(leaf, index, spelt(path), head(size))
            for other in ([path[:-1]] if path else []) + [[*path, bytes(32)]]:
                with pytest.raises(checker.WRONG):
                    checker.check_inclusion(leaf, index, spelt(other), head(size))
        with pytest.raises(checker.Bad):
            checker.check_inclusion(leaf_hash(b"\1"), size, [], head(size))


@pytest.mark.parametrize(
    ("part", "algorithm"), [("signature_algorithm", "ed25519"), ("digest_algorithm", "sha1")]
)
def test_a_way_of_signing_that_is_not_known_is_no_finding(
    checker: ModuleType, tmp_path: Path, tools: Tools, part: str, algorithm: str
) -> None:
    tools.need("openssl")
    note, stamper = b"a note\n", Stamper(tmp_path / "one", "one")
    request = timestamp.make_request(note)
    token = timestamp.token_in(stamper.stamp(request))
    assert checker.check_token(token, note, request)[2] == "CN=Authority one"
    parsed = cms.ContentInfo.load(token)
    parsed["content"]["signer_infos"][0][part]["algorithm"] = algorithm
    with pytest.raises(checker.Unknown):
        checker.check_token(parsed.dump(force=True), note, request)


@pytest.mark.parametrize(("seconds", "holds"), [(86_400, True), (86_401, False), (10**21, False)])
def test_a_clock_that_its_authority_does_not_know_bounds_nothing(
    checker: ModuleType, tmp_path: Path, tools: Tools, seconds: int, holds: bool
) -> None:
    """As `beleg verify` has it."""
    tools.need("openssl")
    note, stamper = b"a note\n", Stamper(tmp_path / "one", "one")
    request, moment = timestamp.make_request(note), datetime.now(UTC).replace(microsecond=0)
    token = timestamp.token_in(redated(stamper, stamper.stamp(request), moment, seconds=seconds))
    if holds:
        assert checker.check_token(token, note, request)[1] == timedelta(days=1)
        assert timestamp.check(token, note, stamper.roots).accuracy == seconds
        return
    with pytest.raises(checker.Bad, match="bounds nothing"):
        checker.check_token(token, note, request)
    with pytest.raises(FormatError, match="bounds nothing"):
        timestamp.check(token, note, stamper.roots)


@pytest.mark.parametrize(("apart", "said"), [(100, 0), (-100, 0), (-200, 1)])
def test_a_token_is_not_older_than_what_it_stamps(
    checker: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, apart: int, said: int
) -> None:
    """The second token stamps 20 records, among them that of the first."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    rows = [(10, 9, start), (21, 20, start + timedelta(seconds=apart))]
    (tmp_path / "signatures").mkdir()
    (tmp_path / "signatures/tokens.json").write_text('{"format":"beleg/tokens/v1","tokens":[1,0]}')
    monkeypatch.setattr(checker, "check_anchor", lambda folder, row, *_: rows[row])
    checker.check_tokens(tmp_path, head(30, bytes(32)), no_time=True)
    assert len(checker.findings) == said
