"""Lines, decoding, elements of JSON arrays: exact places, whatever the bytes are."""

import io
import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import UnreadableInput
from archive.reading.decoding import decode, matching
from archive.reading.json_stream import array_elements
from archive.reading.json_walk import walk
from archive.reading.lines import read_lines

TEXTS = st.binary(max_size=200) | st.lists(st.sampled_from([b"a", b"\r", b"\n", b"\r\n", b"xyz"])).map(
    b"".join
)


@given(TEXTS, st.integers(1, 20))
def test_lines_cover_the_input_exactly_in_any_chunks(data: bytes, chunk: int) -> None:
    lines = list(read_lines(io.BytesIO(data), chunk=chunk))
    assert b"".join(line.data for line in lines) == data
    assert all(line.data == data[line.start : line.end] and line.whole for line in lines)
    assert len(lines) == data.count(b"\n") + (not data.endswith(b"\n") and bool(data))


def test_an_overlong_line_keeps_its_place_and_its_beginning_only() -> None:
    data = b"short\n" + b"x" * 50_000 + b"\nshort\n"
    lines = list(read_lines(io.BytesIO(data), cap=10_000, chunk=4_096))
    assert [(line.start, line.end, line.whole) for line in lines] == [
        (0, 6, True),
        (6, 50_007, False),
        (50_007, 50_013, True),
    ]
    assert len(lines[1].data) <= 4_096


@pytest.mark.parametrize(
    ("data", "declared", "text", "encoding", "replaced"),
    [
        ("Grüße".encode(), None, "Grüße", "utf-8", False),
        ("Grüße".encode("cp1252"), None, "Grüße", "cp1252", False),
        ("Grüße €".encode("iso-8859-15"), "iso-8859-15", "Grüße €", "iso-8859-15", False),
        ("Grüße".encode(), "no-such-charset", "Grüße", "utf-8", False),
        (b"\xff\xfe" + "Grüße".encode("utf-16-le"), None, "Grüße", "utf-16-le", False),
        (b"\xef\xbb\xbf" + "Grüße".encode(), "cp1252", "\ufeffGrüße", "utf-8", False),
        (b"a\x81b", None, "a\ufffdb", "cp1252", True),
        (b"\xff\xfea", None, "ÿþa", "cp1252", False),
    ],
)
def test_decoding_order(data: bytes, declared: str | None, text: str, encoding: str, replaced: bool) -> None:
    decoded = decode(data, declared)
    assert (decoded.text, decoded.encoding, decoded.replaced) == (text, encoding, replaced)


def test_matching_form_drops_marks_and_plain_text_is_untouched() -> None:
    assert matching("\ufeff\u200e9:42\u202fAM\u2069 Müller") == "9:42 AM Müller"
    plain = "Müller"
    assert matching(plain) is plain


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=12)
    | st.sampled_from(['"', "\\", "],{", '\\"[']),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


@given(st.lists(JSON, max_size=6), st.integers(1, 40), st.sampled_from([None, 1, 4]), st.booleans())
def test_elements_are_the_exact_bytes(
    values: list[object], chunk: int, indent: int | None, ascii_: bool
) -> None:
    data = json.dumps(values, indent=indent, ensure_ascii=ascii_).encode("utf-8", "surrogatepass")
    elements = list(array_elements(io.BytesIO(data), chunk=chunk))
    assert [json.loads(element.data) for element in elements] == values
    assert all(data[element.start : element.end] == element.data for element in elements)
    assert [element.number for element in elements] == list(range(len(values)))


def test_broken_elements_do_not_take_the_others_with_them() -> None:
    elements = list(array_elements(io.BytesIO(b'[{"a":1}, {oops}, 2, {"cut": "of')))
    assert [(element.data, element.whole) for element in elements] == [
        (b'{"a":1}', True),
        (b"{oops}", True),
        (b"2", True),
        (b"", False),
    ]


def test_an_overlong_element_is_passed_over() -> None:
    data = b'[1, {"x": [' + b"1, " * 3000 + b"1]}, 3]"
    elements = list(array_elements(io.BytesIO(data), cap=1000, chunk=64))
    assert [(element.data, element.whole) for element in elements] == [
        (b"1", True),
        (b"", False),
        (b"3", True),
    ]
    assert [(element.start, element.end) for element in elements] == [
        (1, 2),
        (3, data.rindex(b",")),
        (len(data) - 2, len(data) - 1),
    ]


LONG = b'"' + b'x\\\\\\"y],{' * 2000 + b'"'
"""One string, with quotes and backslashes in it, and what looks like structure."""


@pytest.mark.parametrize("chunk", [1, 7, 64, 1000, 100_000])
@pytest.mark.parametrize("long", [LONG, b'{"a": [' + LONG + b', 1], "b": 2}', b"{" + LONG + b": 1}"])
def test_an_overlong_string_takes_no_other_element_with_it(long: bytes, chunk: int) -> None:
    data = b'[{"n": 1}, ' + long + b', {"n": 3}, 4]'
    elements = list(array_elements(io.BytesIO(data), cap=1000, chunk=chunk))
    assert [(element.data, element.whole) for element in elements] == [
        (b'{"n": 1}', True),
        (b"", False),
        (b'{"n": 3}', True),
        (b"4", True),
    ]
    assert data[elements[1].start : elements[1].end].strip() == long
    assert data[elements[2].start : elements[2].end] == b'{"n": 3}'
    values = list(walk(io.BytesIO(data), lambda path: bool(path), cap=1000, chunk=chunk))
    assert [(value.path, value.data, value.whole) for value in values] == [
        ((0,), b'{"n": 1}', True),
        ((1,), b"", False),
        ((2,), b'{"n": 3}', True),
        ((3,), b"4", True),
    ]
    assert data[values[1].start : values[1].end] == long
    assert data[values[2].start : values[2].end] == b'{"n": 3}'


def test_an_overlong_string_is_read_in_flat_memory() -> None:
    class Endless(io.RawIOBase):
        """``["xxx…", 1]`` of 300 MB."""

        left = 300

        def read(self, size: int = -1) -> bytes:
            self.left -= 1
            return (
                b'["'
                if self.left == 299
                else b"x" * (1 << 20)
                if self.left > 0
                else b'", 1]' * (self.left == 0)
            )

    tracemalloc.start()
    elements = list(array_elements(Endless()))  # type: ignore[arg-type]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [(element.data, element.whole) for element in elements] == [(b"", False), (b"1", True)]
    assert peak < 120 << 20


@pytest.mark.parametrize("data", [b"", b"{}", b"   ", b"text", b"\x89PNG"])
def test_no_array_is_said_so(data: bytes) -> None:
    with pytest.raises(UnreadableInput):
        list(array_elements(io.BytesIO(data)))
