"""Folders and zips, friendly and hostile: the rest is always read, and nothing ends the walk."""

import io
import os
import stat
import zipfile
from pathlib import Path

import pytest

from archive.errors import UnreadableInput
from archive.reading.tree import Limits, Tree
from archive.reading.units import MemberProblem, UnitExcluded


def zip_of(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), data, compress_type=method)
    return target.getvalue()


def problems(tree: Tree) -> dict[str, str]:
    return {left.member: left.reason for left in tree.left_out if isinstance(left, MemberProblem)}


def listed(tree: Tree) -> list[str]:
    return [member.path for member in tree.members]


def test_a_single_file_is_one_member_with_an_empty_path(tmp_path: Path) -> None:
    (tmp_path / "chat.txt").write_bytes(b"hello")
    with Tree.open(tmp_path / "chat.txt") as tree:
        assert tree.single
        [member] = tree.members
        assert (member.path, member.name, member.size, member.inside) == ("", "chat.txt", 5, "")
        with member.open() as stream:
            assert stream.read() == b"hello"
            assert stream.seek(1) == 1
            assert stream.read(2) == b"el"


def test_a_folder_with_a_zip_in_a_zip_is_listed_in_a_stable_order(tmp_path: Path) -> None:
    inner = zip_of({"deep/b.txt": b"b"})
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "outer.zip").write_bytes(zip_of({"inner.ZIP": inner, "a.txt": b"a"}))
    (tmp_path / "z.txt").write_bytes(b"z")
    with Tree.open(tmp_path) as tree:
        assert listed(tree) == [
            "in/outer.zip",
            "in/outer.zip!/a.txt",
            "in/outer.zip!/inner.ZIP",
            "in/outer.zip!/inner.ZIP!/deep/b.txt",
            "z.txt",
        ]
        deep = tree.members[3]
        assert deep.inside == "inner.ZIP!/deep/b.txt"
        assert deep.file == tmp_path / "in" / "outer.zip"
        assert deep.folder == "in/outer.zip!/inner.ZIP!/deep/"
        with deep.open() as first, deep.open() as second:
            assert first.read() == second.read() == b"b"
        assert [member.path for member in tree.files()] == [
            "in/outer.zip!/a.txt",
            "in/outer.zip!/inner.ZIP!/deep/b.txt",
            "z.txt",
        ]


def test_an_office_document_stays_one_file(tmp_path: Path) -> None:
    document = zip_of({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"})
    (tmp_path / "contract.docx").write_bytes(document)
    (tmp_path / "renamed.zip").write_bytes(document)
    with Tree.open(tmp_path) as tree:
        assert [(m.path, m.container) for m in tree.members] == [
            ("contract.docx", False),
            ("renamed.zip", False),
        ]
    with Tree.open(tmp_path / "contract.docx") as tree:
        assert tree.single


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../out.txt", "name leads out of the zip"),
        ("a/../../out.txt", "name leads out of the zip"),
        ("..\\out.txt", "name leads out of the zip"),
        ("/etc/passwd", "absolute name in a zip"),
        ("C:\\out.txt", "absolute name in a zip"),
        ("a\x01b.txt", "empty name or control characters in it"),
    ],
)
def test_names_that_lead_elsewhere_are_problems_and_the_rest_is_read(
    tmp_path: Path, name: str, reason: str
) -> None:
    (tmp_path / "x.zip").write_bytes(zip_of({name: b"bad", "good.txt": b"good"}))
    with Tree.open(tmp_path / "x.zip") as tree:
        assert listed(tree) == ["good.txt"]
        assert list(problems(tree).values()) == [reason]


def test_backslashes_separate_and_utf8_names_without_flag_are_recognised(tmp_path: Path) -> None:
    data = zip_of({"ordner\\bild.txt": b"1", "Gr?n.txt": b"2"})
    data = data.replace(b"Gr?n.txt", "Grü.txt".encode())
    (tmp_path / "x.zip").write_bytes(data)
    with Tree.open(tmp_path / "x.zip") as tree:
        assert listed(tree) == ["Grü.txt", "ordner/bild.txt"]


def test_a_bomb_is_refused_by_its_ratio(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(zip_of({"bomb.txt": b"\0" * (20 << 20), "good.txt": b"good"}))
    assert (tmp_path / "x.zip").stat().st_size < 100_000
    with Tree.open(tmp_path / "x.zip") as tree:
        assert listed(tree) == ["good.txt"]
        assert problems(tree) == {"bomb.txt": "expands beyond the ratio limit; unpack it and give its folder"}


def test_entries_that_share_bytes_are_refused(tmp_path: Path) -> None:
    data = bytearray(zip_of({"a.txt": b"x" * 50, "b.txt": b"x" * 50}, zipfile.ZIP_STORED))
    directory = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", directory + 4)
    data[second + 42 : second + 46] = data[directory + 42 : directory + 46]  # both at the offset of the first
    (tmp_path / "x.zip").write_bytes(bytes(data))
    with Tree.open(tmp_path / "x.zip") as tree:
        assert listed(tree) == []
        assert set(problems(tree).values()) == {"entries overlap in the zip"}


def test_a_truncated_zip_is_one_problem_alone_and_beside_others(tmp_path: Path) -> None:
    whole = zip_of({"a.txt": b"a" * 1000})
    (tmp_path / "cut.zip").write_bytes(whole[:40])
    (tmp_path / "good.txt").write_bytes(b"good")
    with Tree.open(tmp_path) as tree:
        assert [m.path for m in tree.files()] == ["good.txt"]
        assert problems(tree) == {"cut.zip": "zip without a readable directory (cut off or damaged)"}
    with Tree.open(tmp_path / "cut.zip") as tree:
        assert listed(tree) == []
        assert list(problems(tree)) == [""]


def test_damage_in_an_entry_surfaces_while_reading(tmp_path: Path) -> None:
    data = bytearray(zip_of({"a.txt": b"a" * 1000 + os.urandom(0), "b.txt": b"fine"}, zipfile.ZIP_STORED))
    data[200] ^= 0xFF
    (tmp_path / "x.zip").write_bytes(bytes(data))
    with Tree.open(tmp_path / "x.zip") as tree:
        first, second = tree.members
        with first.open() as stream, pytest.raises(UnreadableInput):
            stream.read()
        with second.open() as stream:
            assert stream.read() == b"fine"


def test_an_encrypted_entry_a_link_and_a_duplicate_are_problems(tmp_path: Path) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("twice.txt", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("twice.txt", b"2")
        archive.writestr("secret.txt", b"3")
    data = bytearray(target.getvalue())
    at = data.rindex(b"PK\x01\x02")
    data[at + 8] |= 1
    (tmp_path / "x.zip").write_bytes(bytes(data))
    with Tree.open(tmp_path / "x.zip") as tree:
        assert listed(tree) == ["twice.txt"]
        assert problems(tree) == {
            "link": "symbolic link in a zip",
            "secret.txt": "encrypted entry",
            "twice.txt": "duplicate name in its container",
        }


def test_resource_forks_are_counted_as_excluded(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(zip_of({"__MACOSX/._a.txt": b"", "._b": b"", "a.txt": b"a"}))
    with Tree.open(tmp_path / "x.zip") as tree:
        assert listed(tree) == ["a.txt"]
        assert [left.member for left in tree.left_out if isinstance(left, UnitExcluded)] == [
            "._b",
            "__MACOSX/._a.txt",
        ]


def test_limits_are_named_and_leave_what_came_before(tmp_path: Path) -> None:
    nested = zip_of({"c.txt": b"c"})
    for _ in range(4):
        nested = zip_of({"n.zip": nested})
    (tmp_path / "x.zip").write_bytes(nested)
    with Tree.open(tmp_path / "x.zip") as tree:
        assert list(problems(tree).values()) == ["zips nested deeper than the limit"]
    (tmp_path / "many.zip").write_bytes(zip_of({f"{i}.txt": b"12345" for i in range(5)}))
    with Tree.open(tmp_path / "many.zip", Limits(members=3)) as tree:
        assert len(tree.members) == 3
        assert set(problems(tree).values()) == {"more members than the limit"}
    with Tree.open(tmp_path / "many.zip", Limits(total_bytes=12)) as tree:
        assert len(tree.members) == 2
        assert set(problems(tree).values()) == {"total expanded size over the limit"}


def test_links_in_a_folder_are_not_followed_and_nothing_there_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "loop").symlink_to(tmp_path)
    with Tree.open(tmp_path / "in") as tree:
        assert listed(tree) == []
        assert problems(tree) == {"loop": "symbolic link, not followed"}
    with pytest.raises(UnreadableInput):
        Tree.open(tmp_path / "absent")


@pytest.mark.parametrize("streamed", [False, True])
def test_a_zip_that_was_cut_off_gives_its_whole_entries_and_says_so(tmp_path: Path, streamed: bool) -> None:
    class OneWay(io.RawIOBase):
        """A target that cannot be seeked: sizes then stand behind each entry."""

        def __init__(self) -> None:
            self.data = b""

        def writable(self) -> bool:
            return True

        def write(self, data) -> int:
            self.data += bytes(data)
            return len(data)

    target = OneWay() if streamed else io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(4):
            archive.writestr(f"f{number}.txt", f"{number} " * 5000)
    data = target.data if isinstance(target, OneWay) else target.getvalue()
    cut = data.index(b"f3.txt") + 20
    (tmp_path / "x.zip").write_bytes(data[:cut])
    with Tree.open(tmp_path / "x.zip") as tree:
        assert [member.path for member in tree.files()] == ["f0.txt", "f1.txt", "f2.txt"]
        for number, member in enumerate(tree.files()):
            with member.open() as stream:
                assert stream.read() == (f"{number} " * 5000).encode()
        [problem] = tree.left_out
        assert "3 whole entries found" in problem.reason
