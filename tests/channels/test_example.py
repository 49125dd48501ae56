"""A channel as the README tells a newcomer to write one: it is held to the same as all others."""

from pathlib import Path
from typing import Any, ClassVar

from archive.channels.export import ExportReader, Run
from archive.ports import Facts
from archive.reading.shape import Shape, shapes


class _Reading(Run):
    def taker(self, member: Any) -> Any:
        return self._messages if shapes(self.tree).of(member).has("/pings/*/at") else None

    def _messages(self, member: Any) -> Any:
        def make(_: Any, f: Any, raw: Any, made: Any) -> None:
            scene = self.scene("pings")
            made.items.append(scene.item(raw, scene.key(f.id("n")), text=f.text("words"), extra=made.told(f)))

        yield from self.json_units(member, lambda path: len(path) == 2 and path[0] == "pings", make)


class Example(ExportReader):
    name: ClassVar[str] = "example"
    parser: ClassVar[str] = "example/1"
    run: ClassVar[type[Run]] = _Reading
    facts: ClassVar[Facts] = Facts(
        "Example", ("pings",), "nobody", "no", "no", "no", "no", "unknown", "documentation"
    )

    def likeness(self, shape: Shape) -> tuple[int, str]:
        return (90, "pings with at") if shape.has("/pings/*/at") else (0, "")


def test_ten_lines_make_a_channel(read, detect, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(
        '{"pings": [{"n": 1, "at": "now", "words": "Hallo"}, kaputt, {"words": "ohne Nummer"}, 7]}'
    )
    (tmp_path / "notiz.txt").write_text("x")
    outcome = read(Example(), tmp_path)
    assert detect(Example(), tmp_path) == 90
    assert [(item.key.id, item.text, item.extra) for item in outcome.items] == [
        ("1", "Hallo", (("at", "now"),))
    ]
    assert outcome.counts == (1, 4, 0), (
        "a file beside that is none of it fails here, and goes on to the other channels"
    )
