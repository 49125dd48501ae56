"""Where a fast way stands beside the full one, both say the same."""

import re
from hashlib import sha256

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.core import leaf as leaves
from archive.core import payloads
from archive.core.canonical import b64u, encode
from archive.core.leaf import Leaf, content_members, decode_leaf, encode_leaf
from archive.core.segment import Segment
from archive.ledger.scan import Scanner
from schemas.item import Attachment, Body, Item, Key, Raw, Target
from tests.ledger_kit import Kit, item_draft

DIGEST = b64u(sha256(b"x").digest())
HONEST = Leaf(
    record_class="content", commitment=DIGEST, frame_length=640, frame_sha256=DIGEST, index=7, kind="item",
    previous=DIGEST, segment=DIGEST, stream=b64u(bytes(16)), stream_position=0, time=1_700_000_000, version=1,
)  # fmt: skip
numbers = st.integers(2, 10**14)


@given(
    kind=st.sampled_from(sorted(leaves.WRITERS["content"])),
    digests=st.lists(st.binary(min_size=32, max_size=32), min_size=4, max_size=4),
    stream=st.binary(min_size=16, max_size=16), counts=st.lists(numbers, min_size=3, max_size=3),
    time=st.integers(0, 2**40 - 1),
)  # fmt: skip
def test_every_leaf_of_content_is_taken_apart_as_it_is(
    kind: str, digests: list[bytes], stream: bytes, counts: list[int], time: int
) -> None:
    commitment, frame, previous, segment = map(b64u, digests)
    leaf = msgspec.structs.replace(
        HONEST, kind=kind, commitment=commitment, frame_sha256=frame, previous=previous, segment=segment,
        stream=b64u(stream), frame_length=counts[0], index=counts[1], stream_position=counts[2], time=time,
    )  # fmt: skip
    found = content_members(encode_leaf(leaf))
    assert found is not None
    assert [part.decode() for part in found.groups()] == [
        commitment, str(counts[0]), frame, str(counts[1]), kind, previous,
        segment, b64u(stream), str(counts[2]), str(time),
    ]  # fmt: skip


@given(st.integers(0, 400), st.binary(min_size=1, max_size=3))
@example(at=0, put=b" ")
def test_what_is_taken_apart_is_a_leaf(at: int, put: bytes) -> None:
    data = bytearray(encode_leaf(HONEST))
    data[at : at + len(put)] = put
    if content_members(bytes(data)):
        decode_leaf(bytes(data))


def _key(name: str) -> Key:
    return Key(channel="whatsapp", scope="", id=name)


words = st.text(max_size=40) | st.just("\ud800 alone") | st.just("ä" * payloads.OVERFLOW)


@given(words, st.none() | words, st.binary(max_size=60) | st.just(b"\xff" * payloads.OVERFLOW), st.booleans())
def test_a_short_record_is_spread_as_a_long_one(text: str, title: str | None, raw: bytes, more: bool) -> None:
    item = Item(
        key=_key("a"), event="posted", form="message", via=_key("b"), thread=_key("c"), parser="p/1",
        text=text, title=title,
        body=Body(type="text/plain", content=text) if more else None,
        attachments=(Attachment(state="missing", reason="not in export"),) if more else (),
        targets=(Target(relation="reply", key=_key("d"), excerpt=title),) if more else (),
        extra=(("x", text),) if more else (), raw=Raw(member="m", slice=raw),
    )  # fmt: skip
    quick = payloads.to_payload(item)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(payloads, "_plain", lambda values: None)
        full = payloads.to_payload(item)
    assert encode(quick.values) == encode(full.values)
    assert (quick.record_class, quick.kind, quick.overflow) == (full.record_class, full.kind, full.overflow)
    whole = b"".join(quick.overflow)
    lines = {
        name: quick.values.get(name) for name in ("what", "raw", "extra", "reactions", *payloads._OWN_FACET)
    }
    decoded = msgspec.json.decode(encode(lines))
    back = payloads.from_values(decoded, lambda start, length: whole[start : start + length])
    assert isinstance(back, Item)
    assert back.raw.slice == raw


def test_a_segment_is_scanned_the_same_without_the_fast_way(monkeypatch: pytest.MonkeyPatch) -> None:
    kit = Kit()
    ledger = kit.found()
    kit.append(ledger, "ingest", *(item_draft(f"Nachricht {n}") for n in range(30)))
    for ref in ledger.state.segments:
        segment = ledger.segment(ref)
        for frames in (True, False):
            quick = Scanner(segment, ref.first, "name", check_frames=frames).run()
            with monkeypatch.context() as patch:
                patch.setattr(Scanner, "_takes_as_due", lambda *_: False)
                full = Scanner(segment, ref.first, "name", check_frames=frames).run()
            assert quick == full
            assert not quick.findings


def test_whatever_is_wrong_with_a_leaf_the_fast_way_leaves_it_to_the_full_one() -> None:
    kit = Kit()
    ledger = kit.found()
    kit.append(ledger, "ingest", *(item_draft(f"Nachricht {n}") for n in range(5)))
    ref = ledger.state.segments[-1]
    stored = ledger.segment(ref).data
    for found in re.finditer(rb'"class":"content"[^}]*\}', stored):
        for at in range(found.start(), found.end(), 3):
            data = bytearray(stored)
            data[at] ^= 1
            scan = Scanner(Segment(bytes(data)), ref.first, "name", check_frames=False).run()
            assert scan.findings, at
