"""Tables: CSV, TSV or JSON lines of any program, with a mapping of its columns.

A mapping is a TOML file: ``text = "Nachricht"``, ``time = ["Datum", "Uhrzeit"]`` and so on for ``author``,
``to``, ``title``, ``thread``, ``id``, ``reply_to``, ``url``. Without one the usual German and English names are
tried. What stands in objects within a line is named ``message.body``. Texts are kept as they are: what looks like a
formula is text. A table without a column of threads is called by its file, without day, month or count of a copy: next
month's export adds only the difference.
"""

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from archive.channels.export import ExportReader, Made, Run, Scene, Taker
from archive.channels.known_keys import KnownKeys
from archive.channels.table_row import TableRow
from archive.errors import UnreadableInput
from archive.ports import Facts, ReadOptions
from archive.reading.json_fields import Fields, NotUnderstood, as_text
from archive.reading.rows import Cells, read_rows
from archive.reading.shape import Shape, shapes
from archive.reading.times import from_any_count, from_epoch, from_mail_date, from_person, from_sheet
from archive.reading.tree import Member, Tree
from archive.reading.units import Reading, UnitExcluded
from archive.reading.words import load_words
from schemas.item import Key, Raw, Recipient, Target, Thread, TimeStamp

ROLES = ("time", "author", "to", "text", "title", "thread", "id", "reply_to", "url")
_WORDS = load_words(Path(__file__).with_name("words_table.toml"))
_HEADER_WITHIN = 20
_MONTH, _OF_MONTH = r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
_DAY = rf"(?:19|20)\d\d(?:[._-]{_MONTH}(?:[._-]{_OF_MONTH})?|{_MONTH}{_OF_MONTH})"
_TURNED = r"(?:(?:0?[1-9]|[12]\d|3[01])[._-])?(?:0?[1-9]|1[0-2])[._-](?:19|20)\d\d"
_DATED = re.compile(rf"(?:\s*+\(\d{{1,3}}\)|[\s._-]++(?:{_DAY}|{_TURNED}|kopie|copy))+\Z", re.IGNORECASE)
_YEAR = re.compile(r"\d{4}")
_LINES = (".jsonl", ".ndjson")
Get = Callable[[str], str | None]


def guess(columns: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Role → columns, by their usual names."""
    found: dict[str, tuple[str, ...]] = {}
    for column in columns:
        phrase = _WORDS.first("column", column.strip().casefold())
        if phrase is None:
            continue
        role = phrase[0].values["role"]
        if role == "clock":
            found["time"] = (*found.get("time", ()), column)
        else:
            found.setdefault(role, (column,))
    return found


def _mapping(told: Mapping[str, Any] | None, columns: Sequence[str]) -> dict[str, tuple[str, ...]] | None:
    """The mapping that a person gave if all its columns are here, else the guess if it is enough."""
    if told is not None:
        named = {
            role: (value,) if isinstance(value, str) else tuple(value)
            for role, value in told.items()
            if role in ROLES
        }
        wanted = {column for names in named.values() for column in names}
        return named if named and wanted <= set(columns) else None
    found = guess(columns)
    return found if "text" in found and ("time" in found or "author" in found) else None


class _Reading(Run):
    def __init__(self, reader: ExportReader, tree: Tree, options: ReadOptions) -> None:
        super().__init__(reader, tree, options)
        self._keys, self._looked_at = KnownKeys(self.channel), set[str]()
        """Keys of rows by their ids, of each table, where rows answer each other; and tables that were read ahead."""

    def _scene(self, scenes: dict[str, Scene], place: str) -> Scene:
        if place not in scenes:
            scenes[place] = self.scene(place, derived=True, history="none")
            scenes[place].scope = place
        return scenes[place]

    def taker(self, member: Member) -> Taker | str | None:
        shape = shapes(self.tree).of(member)
        name = (member.name or self.tree.name).lower()
        named = self.tree.single or name.endswith((".csv", ".tsv", ".txt", *_LINES))
        if named and (shape.kind == "lines" or (shape.kind == "json" and name.endswith(_LINES))):
            return self._lines
        return self._rows if shape.kind == "text" and named else None

    def _rows(self, member: Member, *, ahead: bool = False) -> Iterator[Reading]:
        scenes: dict[str, Scene] = {}
        mapping: dict[str, tuple[str, ...]] | None = None
        header: tuple[str, ...] = ()
        before = 0
        with member.open() as stream:
            for row in read_rows(stream):
                if mapping is not None:
                    yield self._row(member, row, header, self._maker(member, scenes, mapping, ahead))
                    continue
                header = tuple(cell.strip() for cell in row.cells or ())
                mapping = _mapping(self.options.mapping, header)
                if mapping is None:
                    before += 1
                if before > _HEADER_WITHIN:
                    break
        if mapping is None:
            raise UnreadableInput("no row that names the columns; say which is what with --mapping FILE")
        for _ in range(before):
            yield UnitExcluded(member.path, "before the header of the table")

    def _maker(
        self, member: Member, scenes: dict[str, Scene], mapping: Mapping[str, tuple[str, ...]], ahead: bool
    ) -> Callable[[Cells, Raw, Made], None]:
        def make(cells: Cells, raw: Raw, made: Made) -> None:
            row = self._told(member, scenes, mapping, cells.get)
            if not ahead:
                self._item(member, row, raw, made, lambda: made.told(cells))

        return make

    def _lines(self, member: Member, *, ahead: bool = False) -> Iterator[Reading]:
        scenes: dict[str, Scene] = {}

        told = (self.options.mapping or {}).values()
        paths = [path for names in told for path in ([names] if isinstance(names, str) else names)]

        def make(f: Fields, raw: Raw, made: Made) -> None:
            f = Fields(opened(f.data, paths))
            mapping = _mapping(self.options.mapping, list(f.data)) or guess(list(f.data))

            def get(name: str) -> str | None:
                value = f.get(name)
                return None if value in (None, "") else as_text(value)

            row = self._told(member, scenes, mapping, get)
            if not ahead:
                self._item(member, row, raw, made, lambda: made.told(f))

        yield from self.line_units(member, make)

    def _told(
        self, member: Member, scenes: dict[str, Scene], mapping: Mapping[str, tuple[str, ...]], get: Get
    ) -> TableRow:
        """Give what a row tells, and remember its key where others may name it."""
        told = {role: [value for name in names if (value := get(name))] for role, names in mapping.items()}
        one = {role: " ".join(values) for role, values in told.items() if values}
        if not one.get("text") and not one.get("title"):
            raise NotUnderstood("a row without words")
        whole = member.path or self.tree.name
        named = one.get("thread") or self.options.thread
        place = named or called(whole)
        dated = not named and _YEAR.search(whole[len(place.rpartition(".")[0]) :]) is not None
        before = self._scene(scenes, whole) if not named and place != whole else None
        row = TableRow(
            one, before, place not in scenes, self._scene(scenes, place), dated and before is not None
        )
        if "reply_to" in mapping and (ident := one.get("id")):
            self._keys.put(ident, row.key, place)
        return row

    def _item(
        self,
        member: Member,
        row: TableRow,
        raw: Raw,
        made: Made,
        rest: Callable[[], tuple[tuple[str, str], ...]],
    ) -> None:
        one, scene = row.one.get, row.scene
        text, written, title, answered, url = (one(r) for r in ("text", "time", "title", "reply_to", "url"))
        receiver = scene.person(one("to"))
        if (former := row.former()) is not None:
            made.former[row.key] = former
        to = self._named(member, row, answered) if answered else None
        made.items.append(
            scene.item(
                raw,
                row.key,
                author=scene.person(one("author")),
                recipients=(Recipient(role="to", actor=receiver),) if receiver else (),
                time=_time(written, self.options.timezone) if written else None,
                title=title,
                text=text,
                targets=(Target(relation="reply", key=to, written_id=answered),) if answered else (),
                extra=(*((("url", url),) if url else ()), *rest()),
            )
        )
        if row.fresh:
            title = scene.thread.id
            made.threads.append(Thread(key=scene.thread, via=self.via, kind="channel", title=title, raw=raw))

    def _named(self, member: Member, row: TableRow, ident: str) -> Key | None:
        """Give the key of the row that another answers; of one that is not in the table, its number alone."""
        place = row.scene.thread.id
        found = self._keys.get(ident, place)
        if found is None and member.path not in self._looked_at:
            self._looked_at.add(member.path)
            lines = self.taker(member) == self._lines
            deque(self._lines(member, ahead=True) if lines else self._rows(member, ahead=True), maxlen=0)
            found = self._keys.get(ident, place)
        return found or (None if row.dated else row.scene.key(ident))


def called(path: str) -> str:
    """What a table is called: its file without the day or the count of a copy by which the next export differs.

    Any other number may be that of a conversation, and two conversations are never one.
    """
    folder, slash, name = path.rpartition("/")
    stem, dot, ending = name.rpartition(".") if "." in name else (name, "", "")
    stem = _DATED.sub("", stem)
    return f"{folder}{slash}{stem}{dot}{ending}" if stem else path


def opened(data: Mapping[str, Any], paths: Sequence[str]) -> dict[str, Any]:
    """The fields of a line, objects within opened where a mapping names what is in them (``message.body``)."""
    roots = {path.partition(".")[0] for path in paths if "." in path and path not in data}
    found: dict[str, Any] = {}
    for name, value in data.items():
        if name not in roots or not isinstance(value, dict):
            found[name] = value
            continue
        inner = [path.partition(".")[2] for path in paths if path.startswith(f"{name}.")]
        found |= {f"{name}.{key}": one for key, one in opened(value, inner).items()}
    return found


def _time(written: str, zone: str | None) -> TimeStamp:
    """Seconds, milliseconds, ISO, German or mail form, days of a spreadsheet; whatever else stays as written."""
    if written.lstrip("-").isdigit() and 8 < len(written) < 18:
        time = from_any_count(int(written), written)
    else:
        time = (
            from_person(written, zone)
            or from_sheet(written, zone)
            or from_mail_date(written, zone)
            or (from_epoch(written) if len(written.partition(".")[0]) > 8 else None)
        )
    return time or TimeStamp(written=written)


class TableFiles(ExportReader):
    """Reads rows by a mapping of their columns."""

    name: ClassVar[str] = "table"
    parser: ClassVar[str] = "table/4"
    run: ClassVar[type[Run]] = _Reading
    facts: ClassVar[Facts] = Facts(
        title="Tables of any program",
        layouts=(
            "CSV, TSV, JSON lines, with --mapping FILE",
            "without a mapping: usual German and English column names",
        ),
        ask_for="an export of the program as CSV or JSON lines",
        edits="no",
        deletions="no",
        receipts="no",
        direct="as exported",
        claim="unknown",
        tested="real files",
    )

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """Only by the usual names of columns, and never surely."""
        columns = (
            shape.header
            if shape.kind == "text"
            else [p[1:] for p in shape.paths if p.count("/") == 1]
            if shape.kind == "lines"
            else []
        )
        found = guess(columns)
        full = {"text", "time", "author"} <= found.keys() and len(columns) <= 40
        return (55, "columns named like time, author and text") if full else (0, "")
