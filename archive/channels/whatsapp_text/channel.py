"""The channel: which members are chats, and their entries one by one."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from archive.channels.keys import derived_id
from archive.channels.whatsapp_text.headers import Header, parse_header
from archive.channels.whatsapp_text.items import CHANNEL, ItemMaker, file_name, via_key
from archive.channels.whatsapp_text.saying import said_by, split, understand
from archive.channels.whatsapp_text.survey import Survey, decoded_lines, survey_chat
from archive.errors import UnreadableInput
from archive.ports import Confidence, Facts, ReadOptions
from archive.reading.decoding import INVISIBLE, is_utf8, matching
from archive.reading.private import Private
from archive.reading.tree import SEPARATOR, Member, Tree, printable
from archive.reading.units import Completeness, MemberProblem, Reading, UnitFailed, UnitRead
from schemas.capture import Claim
from schemas.item import Key, Raw, Thread

UNIT_CAP = 8 << 20
"""Bytes of one entry; the app allows 65,536 characters."""
_SNIFF = 1 << 16
_TITLE = re.compile(
    r"(?:WhatsApp[ -]?Chat|Chat WhatsApp|Chat de WhatsApp|WhatsApp-chat)"
    r"(?: mit| with| con| avec| met| com| -|_mit|_with)[ _]*(?P<title>.+)",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Entry:
    """The lines of one entry while they come in."""

    start: int
    end: int = 0
    header: Header | None = None
    texts: list[str] = field(default_factory=list)
    data: list[bytes] = field(default_factory=list)
    size: int = 0
    whole: bool = True
    recoded: bool = False

    def add(self, end: int, data: bytes, text: str, whole: bool) -> None:
        """Take a line in; beyond the cap only the place is kept."""
        self.end = end
        self.size += len(data)
        self.whole = self.whole and whole and self.size <= UNIT_CAP
        if self.whole:
            self.texts.append(text)
            self.data.append(data)
        else:
            self.texts, self.data = self.texts[:1], []


class WhatsAppText:
    """Reads chat exports of iOS and Android, German and English first."""

    name: ClassVar[str] = CHANNEL
    parser: ClassVar[str] = "whatsapp-text/2"
    facts: ClassVar[Facts] = Facts(
        title="WhatsApp",
        layouts=("chat export of a phone: text, or zip with media",),
        ask_for="the phone: chat, More, Export chat, with media",
        edits="mark only, no time",
        deletions="placeholder",
        receipts="no",
        direct="yes",
        claim="capped",
        tested="real files",
        left_out=(),
    )

    def private(self, tree: Tree) -> Iterator[Private]:  # noqa: ARG002  (part of the port)
        """Nothing is left out of itself."""
        return iter(())

    def detect(self, tree: Tree) -> Confidence:
        """By the share of lines that begin with a date and time in the one form of an export."""
        best = 0
        for member in _text_members(tree):
            try:
                with member.open() as stream:
                    best = max(best, _likeness(stream.read(_SNIFF)))
            except UnreadableInput:
                continue
        return Confidence(best, "lines that begin with date, time and author" if best else "no chat lines")

    def read(self, tree: Tree, options: ReadOptions) -> Iterator[Reading]:
        """Read every chat in the tree; other files belong to messages or are left out with a reason."""
        yield from tree.left_out
        surveys: dict[str, Survey] = {}
        used: set[str] = set()
        handled: set[str] = set()
        for member in _text_members(tree):
            try:
                with member.open() as stream:
                    survey = survey_chat(stream)
            except UnreadableInput as error:
                handled.add(member.path)
                yield MemberProblem(member.path, str(error))
                continue
            if survey.orders or tree.single:
                surveys[member.path] = survey
        attached = {
            member.folder + name for path, survey in surveys.items() for member in tree.members
            if member.path == path for name in survey.attached_texts
        }  # fmt: skip
        for member in tree.members:
            if member.path in surveys and member.path not in attached:
                handled.add(member.path)
                files = _beside(tree, member)
                yield from self._chat(tree, member, surveys[member.path], options, files, used)
        for member in tree.files():
            if member.path not in handled and member.path not in used:
                yield MemberProblem(member.path, "no chat, and no message names it", foreign=True)

    def _chat(
        self,
        tree: Tree,
        member: Member,
        survey: Survey,
        options: ReadOptions,
        files: dict[str, Member],
        used: set[str],
    ) -> Iterator[Reading]:
        title, source = _title(member, options)
        via = via_key(options.mine)
        scope = via.id if options.mine else ""
        ident = title if source is not None else f"{title} {derived_id(CHANNEL, *survey.beginning)[:12]}"
        thread = Key(channel=CHANNEL, scope=scope, id=ident, derived=True)
        known = frozenset(matching(name).strip() for name in (title, options.mine or title))
        maker = ItemMaker(member, thread, title, options, self.parser, files)
        described = Thread(
            key=thread,
            via=via,
            kind="group" if survey.people > 2 else "chat",
            title=title,
            raw=Raw(
                member=member.path,
                pointer=source or "name of the file or folder",
                slice=title.encode("utf-8", "replace"),
            ),
        )
        count = 0
        try:
            for entry in _entries(member, survey):
                reading = self._unit(member, entry, survey, maker, known, first=count == 0)
                if isinstance(reading, UnitRead):
                    if count == 0:
                        reading = UnitRead(
                            member.path,
                            items=reading.items,
                            threads=(described,),
                            contents=reading.contents,
                        )
                    count += 1
                yield reading
        except UnreadableInput as error:
            yield MemberProblem(member.path, str(error))
        used |= maker.used
        yield Completeness(claims=(Claim(scope=member.path or tree.name, kind="capped", found=count),))

    def _unit(
        self,
        member: Member,
        entry: _Entry,
        survey: Survey,
        maker: ItemMaker,
        known: frozenset[str],
        *,
        first: bool,
    ) -> Reading:
        header = entry.header
        if header is None:
            reason = "no message header in the file" if not survey.orders else "text before the first message"
            return UnitFailed(member.path, reason, entry.start, entry.end)
        if not entry.whole:
            return UnitFailed(member.path, "entry longer than the limit", entry.start, entry.end)
        order = survey.local_order(header)
        if order is None:
            return UnitFailed(member.path, "no such day", entry.start, entry.end)
        rest = "".join(entry.texts)[header.length :].removesuffix("\n").removesuffix("\r")
        author, body, assumed = split(rest, survey, known)
        extra = [("encoding", "cp1252")] if entry.recoded else []
        if assumed:
            extra.append(("author_split", "assumed"))
        contents = understand(author, body, first=first)
        author, contents = said_by(author, body, contents, survey, maker.title)
        raw = Raw(member=member.path, start=entry.start, end=entry.end, slice=b"".join(entry.data))
        item, found = maker.make(header, order, author, body, contents, raw, extra)
        return UnitRead(member.path, items=(item,), contents=found)


def _entries(member: Member, survey: Survey) -> Iterator[_Entry]:
    """Cut the file at its headers. White space before the first one belongs to it."""
    with member.open() as stream:
        entry: _Entry | None = None
        for line, text in decoded_lines(stream):
            header = survey.header(text)
            if header is not None or entry is None:
                if entry is not None and (entry.header or "".join(entry.texts).strip(INVISIBLE + " \r\n\t")):
                    yield entry
                entry = _Entry(line.start, header=header)
            entry.add(line.end, line.data, text, line.whole)
            entry.recoded = entry.recoded or (
                not text.isascii() and b"\x00" not in line.data and not is_utf8(line.data)
            )
        if entry is not None and (entry.header or not entry.whole or "".join(entry.texts).strip()):
            yield entry


def _text_members(tree: Tree) -> Iterator[Member]:
    """Members that may be chats: the single file, else text files."""
    return (member for member in tree.files() if tree.single or member.name.lower().endswith(".txt"))


def _likeness(data: bytes) -> int:
    """Percent of certainty from the first bytes: 97 when most lines are headers of one form with authors."""
    wide = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(data[:2])
    if b"\x00" in data and not wide:
        return 0
    text = data[2:].decode(wide, "replace") if wide else data.decode("utf-8", "replace")
    lines = [line for line in text.splitlines()[:400] if line.strip()]
    headers = [(header, line) for line in lines if (header := parse_header(line))]
    if not headers:
        return 0
    if all(
        header.shape.bracket and header.shape.year_first and not header.shape.seconds for header, _ in headers
    ):
        return 40  # programs that list messages write so; WhatsApp puts seconds into its brackets
    told = sum(": " in line[header.length :] for header, line in headers)
    share = len(headers) / len(lines)
    return min(97, 40 + int(40 * share) + min(17, 4 * told))


def _title(member: Member, options: ReadOptions) -> tuple[str, str | None]:
    """The name of the chat, and where it was found: told, or in a name that the app itself gave. None: it is
    only what somebody called a file, so that another chat may have it too.

    Browsers and mail programs add `` (1)`` to the name of a file that they save again: it is no part of it.
    """
    if options.thread:
        return options.thread, "told by the operator"
    name, found = _bare(member.name), "file name"
    if name.lower() == "_chat":
        folders = member.inside.replace(SEPARATOR, "/").split("/")[:-1]
        around = folders[-1] if folders else member.file.name if member.inside else _folder(member)
        name, found = _bare(around) or name, "name of the folder or zip"
    if match := _TITLE.fullmatch(unicodedata.normalize("NFC", name)):
        return match["title"].strip(), found
    return name, None


def _bare(name: str) -> str:
    """A name without its ending, and without what a second download added."""
    return re.sub(r"(?<=.) \(\d{1,3}\)$", "", re.sub(r"\.(?:txt|zip)$", "", name, flags=re.IGNORECASE))


def _folder(member: Member) -> str:
    return printable(member.file.absolute().parent.name)


def _beside(tree: Tree, chat: Member) -> dict[str, Member]:
    """The files in the folder of the chat, by name."""
    return {
        file_name(member.name): member
        for member in tree.members
        if member.folder == chat.folder and member.path != chat.path
    }
