"""What one entry of a chat says: a message and its marks, or a system line and its event."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast

from archive.reading.decoding import INVISIBLE, SPACES, matching
from archive.reading.media_types import media_type_of
from archive.reading.words import Words, load_words
from schemas.item import Attachment, Event, Form

WORDS: Words = load_words(Path(__file__).with_name("words_whatsapp.toml"))
Role = Literal["file", "image", "video", "audio", "voice", "sticker", "contact"]
_LEFT_TO_RIGHT = "\u200e"
_TAG = re.compile(r"<(?P<word>[^:<>\n]{2,30}): (?P<name>[^<>\n]+)>")
_NAMED = re.compile(r"(?P<name>[^\n]+\.\w{1,8}) \((?P<word>[^()\n]{3,40})\)")
_FILE_OF_APP = re.compile(r"(?:\d{8}-.+|(?:IMG|VID|PTT|AUD|STK|DOC)-\d{8}-WA\d{4,})\.\w+")
"""Names that WhatsApp itself gives; they tell an attachment in any language."""
_EDGES = INVISIBLE + SPACES + " \r\n"
_LONGEST_SYSTEM_LINE = 800
_EXTENSIONS: dict[Role, str] = {
    "image": "jpg jpeg png gif heic",
    "video": "mp4 mov 3gp mkv",
    "audio": "opus m4a mp3 aac ogg amr wav",
    "sticker": "webp",
    "contact": "vcf",
}
_ROLES: dict[str, Role] = {end: role for role, ends in _EXTENSIONS.items() for end in ends.split()}


@dataclass(slots=True)
class Contents:
    """The reading of one entry. ``actor`` and ``members`` are names as in the line, for system lines only."""

    event: Event = "posted"
    form: Form = "message"
    text: str | None = None
    edited: bool = False
    deleted_by: Literal["author", "admin"] | None = None
    attachments: list[Attachment] = field(default_factory=list)
    actor: str | None = None
    members: list[str] = field(default_factory=list)
    title: str | None = None
    extra: list[tuple[str, str]] = field(default_factory=list)


def read_message(body: str) -> Contents:
    """A message of an author: marks are taken from the text, the rest stays exactly as written."""
    contents = Contents(text=body)
    if len(body) < 20 and body.isascii() and "<" not in body and " " not in body:
        return contents
    _take_edited(contents)
    text = contents.text or ""
    plain = matching(text).strip()
    if len(plain) < 300 and (found := WORDS.first("deleted", plain)):
        contents.event, contents.text = "deleted", None
        contents.deleted_by = "admin" if found[0].values["by"] == "admin" else "author"
        return contents
    if _take_tag(contents, text) or _take_named(contents, text) or _take_omitted(contents, text):
        return contents
    if plain.startswith(("http", "Sta", "Loc", "Live", "live", "Ubi", "Pos")) or "https://maps" in plain:
        if found := WORDS.first("location", plain):
            contents.extra.append(("location", found[1]["where"].replace("%2C", ",")))
        elif WORDS.first("live_location", plain):
            contents.extra.append(("live_location", "shared"))
    elif "\n" in plain and plain[:1].isupper() and WORDS.first("poll", plain):
        contents.form = "poll"
    return contents


def read_system(line: str) -> Contents | None:
    """A system line that the word list knows; None if it knows none."""
    plain = matching(line).strip()
    if len(plain) > _LONGEST_SYSTEM_LINE:
        return None
    found = WORDS.first("system", plain)
    if not found:
        return None
    phrase, match = found
    groups = match.groupdict()
    contents = Contents(event=cast("Event", phrase.values["event"]), text=line)
    if contents.event == "called":
        contents.form = "call"
    contents.actor = groups.get("actor")
    if groups.get("member"):
        contents.members = [name.strip() for name in re.split(r", | und | and ", groups["member"])]
    contents.title = groups.get("title")
    if "about" in phrase.values:
        contents.extra.append(("about", phrase.values["about"]))
    if groups.get("before"):
        contents.extra.append(("name_before", groups["before"]))
    return contents


def unknown_system(line: str) -> Contents:
    """A system line in words that the list does not know: a notice."""
    return Contents(event="notice", text=line)


def is_self(name: str) -> bool:
    """Whether a name stands for the account whose export it is (``Du``, ``You``)."""
    return len(name) <= 4 and WORDS.first("self", name) is not None


def starts_like_a_system_line(body: str) -> bool:
    """iOS writes system lines as if an author had said them, behind a left-to-right mark."""
    return body[:1] == _LEFT_TO_RIGHT


def _take_edited(contents: Contents) -> None:
    body = (contents.text or "").rstrip(_EDGES)
    if not body.endswith(">"):
        return
    opened = body.rfind("<")
    if opened >= 0 and WORDS.first("edited", matching(body[opened:])):
        contents.edited = True
        contents.text = body[:opened].rstrip(_EDGES)


def _take_tag(contents: Contents, text: str) -> bool:
    """``<attached: name>`` of iOS, behind the caption."""
    body = text.rstrip(_EDGES)
    opened = body.rfind("<") if body.endswith(">") else -1
    match = _TAG.fullmatch(matching(body[opened:])) if opened >= 0 else None
    if not match or not _is_attached(match["word"], match["name"]):
        return False
    contents.attachments.append(_attachment(match["name"].strip()))
    contents.text = body[:opened].rstrip(_EDGES)
    return True


def _take_named(contents: Contents, text: str) -> bool:
    """``name (file attached)`` of Android, the caption on the lines behind it."""
    first, _, rest = text.partition("\n")
    if ")" not in first[-4:]:
        return False
    match = _NAMED.fullmatch(matching(first).strip())
    if not match or not _is_attached(match["word"], match["name"]):
        return False
    contents.attachments.append(_attachment(match["name"].strip()))
    contents.text = rest
    return True


def _take_omitted(contents: Contents, text: str) -> bool:
    first, _, rest = text.partition("\n")
    plain = matching(first).strip()
    if len(plain) > 200:
        return False
    found = WORDS.first("omitted", plain)
    if not found:
        return False
    what = (found[1].groupdict().get("what") or found[1].groupdict().get("kind") or "").strip()
    kind = WORDS.first("role", what)
    role = cast("Role", kind[0].values["role"]) if kind else "file"
    name = re.split(r" [•∙] ", what)[0] if re.search(r"\.\w{2,5}\b", what) else None
    contents.attachments.append(Attachment(name=name, state="missing", reason="placeholder", role=role))
    contents.text = rest
    return True


def _is_attached(word: str, name: str) -> bool:
    return WORDS.first("attached", word) is not None or _FILE_OF_APP.fullmatch(name.strip()) is not None


def _attachment(name: str) -> Attachment:
    """Missing until somebody finds the file."""
    role = _ROLES.get(name.rpartition(".")[2].lower(), "file")
    if role == "audio" and (name.startswith("PTT-") or "-AUDIO-" in name):
        role = "voice"
    if role == "image" and name.startswith("STK-"):
        role = "sticker"
    return Attachment(
        name=name,
        media_type=media_type_of(name),
        state="missing",
        reason="not in export",
        role=role,
    )
