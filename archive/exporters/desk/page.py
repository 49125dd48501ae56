"""REVIEW.html: one file, opened from disk, that asks no network and seals nothing. It saves ``decisions.json``."""

from pathlib import Path
from string import Template

from archive.exporters.bundle.lines import escaped
from archive.exporters.bundle.page import csp
from archive.exporters.bundle.texts import part as shared
from archive.production import DeskInput, Told
from archive.redaction import merged

NAME = "REVIEW.html"
_PARTS = Path(__file__).parent / "parts"


def write_desk(given: DeskInput, out: Path) -> int:
    """Write the page into ``out``, an empty folder; give the number of items on it. Memory stays bounded."""
    style = (shared("page.css") + (_PARTS / "desk.css").read_bytes()).decode()
    script = (shared("words.js") + shared("text.js") + (_PARTS / "desk.js").read_bytes()).decode()
    values = {
        "language": given.language, "style": style, "script": script,
        "style_hash": csp(style), "script_hash": csp(script),
    }  # fmt: skip
    template = Template((_PARTS / "desk.html").read_text(encoding="utf-8"))
    head, tail = template.substitute(values).split("<!--DATA-->")
    about = {
        "known": given.known, "language": given.language, "matter": given.matter.id, "origin": given.origin,
        "timezone": given.timezone, "title": given.matter.title,
    }  # fmt: skip
    count = 0
    with (out / NAME).open("xb") as file:
        file.write(head.encode())
        file.write(b'<script type="application/json" id="about">' + escaped(about) + b"</script>\n")
        file.write(b'<script type="application/json" id="items">')
        for one in given.told():
            count += 1
            file.write(escaped(_row(one, given)) + b"\n")
        file.write(b"</script>\n" + tail.encode())
    return count


def _row(one: Told, given: DeskInput) -> dict[str, object]:
    item, chosen, redaction = one.item, given.chosen.get(one.index), given.redactions.get(one.index)
    author = item.author
    return {
        "account": author.account.id if author and author.account else "",
        "attachments": [attachment.name or "-" for attachment in item.attachments],
        "author": (author.name or "") if author else "",
        "channel": item.key.channel,
        "decision": chosen.decision if chosen else "",
        "event": item.event,
        "facets": list(redaction.facets) if redaction else [],
        "item": one.index,
        "leaf": one.leaf,
        "precision": item.time.precision if item.time else "unknown",
        "reason": redaction.reason if redaction else "",
        "spans": [list(span) for span in merged(redaction.spans)] if redaction else [],
        "text": item.text or "",
        "thread": f"{one.thread_title or item.thread.id} \u00b7 {item.thread.channel}",
        "title": item.title or "",
        "utc": (item.time.utc or "") if item.time else "",
        "why": one.why,
        "written": item.time.written if item.time else "",
    }
