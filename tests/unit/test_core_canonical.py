"""Canonical JSON: what is written is RFC 8785, what is read is nothing else."""

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from archive.core.canonical import b64u, check_origin, decode, decode_lines, encode, unb64u, unhex
from archive.errors import FormatError

names = st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True)
scalars = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text()
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_is_rfc_8785_and_comes_back(value: object) -> None:
    data = encode(value)
    assert data == rfc8785.dumps(value)  # type: ignore[arg-type]
    assert decode(data) == value


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":1}', b'{"b":1,"a":2}', b'{"a": 1}', b'{"a":1.0}', b'{"a":1e2}', b'{"a":-0}', b'{"a":01}',
        b'{"a":9007199254740992}', b'{"A":1}', b'{"\xc3\xa4":1}', b'{"a":"\\u0041"}', b'{"a":"\xff"}',
        b'\xef\xbb\xbf{"a":1}', b'{"a":1}\n', b"", b"[" * 40 + b"]" * 40, b"[" * 100_000, b'{"a":NaN}',
        b'{"a":"\\ud800"}', b'{"a":"\x01"}', b'{"a":18446744073709551616}',
    ],
)  # fmt: skip
def test_refuses_everything_else(data: bytes) -> None:
    with pytest.raises(FormatError):
        decode(data)
    with pytest.raises(FormatError):
        decode_lines([b"1", data, b"[2]"])


@given(st.lists(values, max_size=5))
def test_lines_read_at_once_are_the_lines_read_one_by_one(members: list[object]) -> None:
    lines = [encode(member) for member in members]
    assert decode_lines(lines) == [decode(line) for line in lines]


@pytest.mark.parametrize(
    "lines",
    [
        [b"[1", b"2]"], [b"[[1", b"2]],[3]"], [b"1,2"], [b"1,2", b""], [b""], [b"", b""], [b'"a', b'b"'],
        [b'["what",[[1]', b'["time",2]],["time",5]'],
    ],
)  # fmt: skip
def test_no_line_borrows_from_its_neighbour(lines: list[bytes]) -> None:
    with pytest.raises(FormatError):
        decode_lines(lines)


@given(st.binary(max_size=70))
def test_base64url_round_trip(data: bytes) -> None:
    assert unb64u(b64u(data), len(data)) == data


@pytest.mark.parametrize("text", ["QQ==", "QR", "Q", "Q+", "Qé", "QQ\n"])
def test_base64url_is_strict(text: str) -> None:
    with pytest.raises(FormatError):
        unb64u(text)


@pytest.mark.parametrize("text", ["AB", "a", "0g", "", "aa\n"])
def test_hex_is_strict(text: str) -> None:
    with pytest.raises(FormatError):
        unhex(text, 1)


@pytest.mark.parametrize(
    "origin",
    ["", "abc", "beleg/x/0123456789abcdef", "a b/x/0123456789abcdef", "firm.example/0123456789ABCDEF",
     "firm.example//0123456789abcdef", "firm+x/0123456789abcdef", "firm.example/0123456789abcde"],
)  # fmt: skip
def test_refuses_origins(origin: str) -> None:
    with pytest.raises(FormatError):
        check_origin(origin)


def test_accepts_an_origin() -> None:
    assert check_origin("archive.firm.example/main/0123456789abcdef")
