"""How LinkedIn writes times, words, quotes and lists of people into its cells."""

import re

from archive.channels.export import Scene
from archive.reading.html_text import html_to_text
from archive.reading.rows import Cells, read_rows
from archive.reading.times import from_iso, from_person
from archive.reading.tree import Member
from schemas.item import Actor, Body, Recipient, TimeStamp

_MARKUP = re.compile(r"<(?:p|b|i|a|br|div|span|strong|em|ul|li)\b[^>]*>|&[a-z]+;", re.IGNORECASE)
_AMERICAN = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{2}|\d{4}),? (\d{1,2}):(\d{2})(?::(\d{2}))?[ \u202f]([AP])M\Z"
)
_WORDED = re.compile(
    r"([A-Z][a-z]+) (\d{1,2}), (\d{4}),?(?: at)? (\d{1,2}):(\d{2})(?::(\d{2}))? ([AP])M(?: \(?(?:GMT|UTC)\)?)?\Z"
)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_CHUNK = 1 << 20


def time_of(written: str | None, zone: str | None) -> TimeStamp | None:
    """A time: ISO nearly everywhere, American in invitations, in words in what was uploaded."""
    if not written:
        return None
    if match := _AMERICAN.match(written):
        month, day, year, hour, minute, second, half = match.groups()
    elif match := _WORDED.search(written):
        word, day, year, hour, minute, second, half = match.groups()
        month = str(_MONTHS.index(word[:3]) + 1) if word[:3] in _MONTHS else "0"
        zone = "UTC" if written.rstrip(")").endswith(("GMT", "UTC")) else zone
    else:
        return from_iso(written, zone) or from_person(written, zone) or TimeStamp(written=written)
    year = f"20{year}" if len(year) == 2 else year
    hours = int(hour) % 12 + (12 if half == "P" else 0)
    clock = f"{hours:02}:{minute}" + (f":{second}" if second else "")
    time = from_iso(f"{year}-{int(month):02}-{int(day):02}T{clock}", zone)
    return time.model_copy(update={"written": written}) if time else TimeStamp(written=written)


def escape_of(member: Member) -> str:
    """What stands before a quote within a cell: nothing, or a backslash if more rows fit their header so."""
    with member.open() as stream:
        last = b""
        while chunk := stream.read(_CHUNK):
            if b'\\"' in last + chunk:
                break
            last = chunk[-1:]
        else:
            return ""
    return "\\" if _odd(member, "\\") < _odd(member, "") else ""


def _odd(member: Member, escape: str) -> int:
    """Rows with another number of cells than the header."""
    with member.open() as stream:
        counts = (len(row.cells or ()) for row in read_rows(stream, escape=escape))
        wanted = next(counts, 0)
        return sum(count != wanted for count in counts)


def words_of(content: str) -> tuple[str, Body | None]:
    """Some messages are HTML, some are not; only markup tells."""
    if _MARKUP.search(content):
        return html_to_text(content.replace("\n", "<br>") if "<p" not in content else content), Body(
            type="text/html", content=content
        )
    return content, None


def unquoted(said: str) -> tuple[str, Body | None]:
    """Shares of some years have quotes around each break of a line; one without shows that they are the author's."""
    breaks = said.count("\n")
    if not breaks or len(re.findall(r'(?<=")\n(?=")', said)) != breaks:
        return said, None
    return said.replace('"\n"', "\n"), Body(type="text/plain", content=said)


def recipients(scene: Scene, cells: Cells) -> tuple[tuple[Recipient, ...], list[tuple[str, str]]]:
    """Names and addresses are lists with commas, and names may hold commas: paired only where they agree."""
    names, urls = cells.get("TO") or "", (cells.get("RECIPIENT PROFILE URLS") or "").split(",")
    urls = [url.strip() for url in urls if url.strip()]
    people = [name.strip() for name in names.split(",") if name.strip()]
    if len(urls) <= 1:
        actors = [scene.actor(urls[0] if urls else None, names or None)]
        told: list[tuple[str, str]] = []
    elif len(people) == len(urls):
        actors = [scene.actor(url, name) for url, name in zip(urls, people, strict=True)]
        told = []
    else:
        actors = [scene.actor(url) for url in urls]
        told = [("TO", names)]
    found: list[Actor] = [actor for actor in actors if actor]
    return tuple(Recipient(role="to", actor=actor) for actor in found), told
