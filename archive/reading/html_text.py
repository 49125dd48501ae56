"""HTML to the words a reader would see, for reading and searching. The HTML itself is kept elsewhere.

An own scanner, because mail is hostile: it is linear in the length of the input, recurses nowhere and never
fails. It knows just enough of the syntax (WHATWG HTML §13.2.5) to tell tags, comments and text apart.
"""

import html
import re

_TAG = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9:-]*+)((?:[^<>"']++|"[^"]*+"|'[^']*+')*+)>""")
_LOOSE_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*+)([^>]*+)>")
_TAG_LENGTH = 2048
"""Within this length quotes are minded; beyond it a tag ends at the next bracket, so that time stays
linear."""
_VALUE = r"""\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>=`]+))"""
_ATTRIBUTES = {
    name: re.compile(rf"""(?<![\w-]){name}{_VALUE}""", re.IGNORECASE)
    for name in ("alt", "value", "placeholder", "label", "srcdoc", "type")
}
_SAYS = {"img": ("alt",), "area": ("alt",), "input": ("value", "placeholder"), "optgroup": ("label",),
         "option": ("label",), "iframe": ("srcdoc",)}  # fmt: skip
"""Tag → attributes, the first of which that it has is shown as words."""
_UNSHOWN = frozenset({"hidden", "checkbox", "radio", "password", "image", "color", "range", "file"})
"""Types of fields that show no words of theirs."""
_APART = frozenset(
    "img area input button select textarea label iframe object video audio canvas noscript svg text".split()  # noqa: SIM905
)
"""What stands for itself within a line: letters at its edges are none of the words beside it."""
_OF_HEAD = frozenset(
    "head base basefont bgsound link meta title noscript noframes style script template".split()  # noqa: SIM905
)
"""What a head may hold (WHATWG HTML §13.2.6.4.4); anything else ends it, whether ``</head>`` is there or not."""
_DEEPEST = 4
"""So deep a page is read that lies in a page in a page; what lies deeper is words as it is written. A hostile one
would take a stack without end, and the square of its length."""
_EMPTY = re.compile(r"(?:^|[\s\"'])/$")
_COMMENT_END = re.compile("--!?>")
_BLOCK = frozenset(
    """
        address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset
        figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html legend li main menu nav ol option p
        pre section select summary table tbody tfoot thead title tr ul
    """.split()  # noqa: SIM905  (a list of 60 names is read by nobody)
)
_CELL = frozenset({"td", "th"})
_PARAGRAPH = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "table", "ul", "ol", "pre"})
_UNSEEN = frozenset({"script", "style", "template"})
_UNSEEN_IN_HEAD = frozenset({"title", "noscript", *_UNSEEN})
_SPACE = re.compile(r"[ \t\r\n\f]+")
_MANY = re.compile(r"\n{3,}")


def html_to_text(source: str, depth: int = 0) -> str:
    """The visible text: blocks on lines of their own, paragraphs apart, cells by tab, quotes marked by ``>
    ``. ``depth``: in how many other pages the page lies."""
    writer = _Writer(source.rfind(">"), depth)
    position = 0
    closes_comments = True
    while position < len(source):
        opened = source.find("<", position)
        if opened < 0:
            writer.words(source[position:])
            break
        writer.words(source[position:opened])
        if source.startswith("<!--", opened):
            # Its own hyphens may end it: <!--> and <!---> are whole comments.
            end = _COMMENT_END.search(source, opened + 2) if closes_comments else None
            closes_comments = end is not None
            position = end.end() if end else opened + 4
        elif source.startswith(("<!", "<?"), opened):
            closed = source.find(">", opened)
            position = closed + 1 if closed >= 0 else len(source)
        else:
            position = _tag(source, opened, writer)
    return writer.text()


def _tag(source: str, opened: int, writer: "_Writer") -> int:
    if writer.last_bracket < opened:
        writer.words(source[opened:])
        return len(source)
    match = _TAG.match(source, opened, opened + _TAG_LENGTH) or _LOOSE_TAG.match(source, opened)
    if not match:
        writer.words("<")
        return opened + 1
    name = match[2].lower()
    if match[1]:
        writer.close(name)
        return match.end()
    if name in (_UNSEEN_IN_HEAD if writer.enters(name) else _UNSEEN):
        return match.end() if _EMPTY.search(match[3]) else writer.behind(source, name, match.end())
    writer.open(name)
    if said := _said(name, match[3], writer.depth):
        writer.words(said)
        writer.apart(name)
    return match.end()


def _said(name: str, attributes: str, depth: int) -> str:
    """Give what a tag shows as words, as it stands there."""
    if name not in _SAYS or (name == "input" and _attribute(attributes, "type").lower() in _UNSHOWN):
        return ""
    said = next(filter(None, (_attribute(attributes, one) for one in _SAYS[name])), "")
    if name != "iframe" or depth == _DEEPEST:
        return said
    return html_to_text(html.unescape(said), depth + 1)


def _attribute(attributes: str, name: str) -> str:
    found = _ATTRIBUTES[name].search(attributes)
    return next(filter(None, found.groups()), "") if found else ""


class _Writer:
    def __init__(self, last_bracket: int, depth: int) -> None:
        self.last_bracket, self.depth = last_bracket, depth
        self._endless: set[str] = set()
        self._parts: list[str] = []
        self._quotes = 0
        self._pre = 0
        self._in_head = False
        self._is_apart = False

    def enters(self, name: str) -> bool:
        """Take note of a start tag, and say whether it stands in the head."""
        self._in_head = name in _OF_HEAD and (self._in_head or name == "head")
        return self._in_head

    def apart(self, name: str) -> None:
        """Keep letters that follow a tag, or its end, from those before it."""
        self._is_apart = self._is_apart or name in _APART

    def behind(self, source: str, name: str, start: int) -> int:
        """The place behind the end tag; without one only the start tag is passed over, so no words are
        lost."""
        end = None
        if name not in self._endless:
            end = re.compile(rf"</{name}\b[^>]*+>", re.IGNORECASE).search(source, start)
        if end:
            return end.end()
        self._endless.add(name)
        return start

    def words(self, raw: str) -> None:
        if not raw:
            return
        text = html.unescape(raw).replace("\u00ad", "")
        if not self._pre:
            text = _SPACE.sub(" ", text)
        if text.strip():
            self._in_head = False
        if self._is_apart and text[:1].isalnum() and self._parts and self._parts[-1][-1:].isalnum():
            self._parts.append(" ")
        self._is_apart = False
        self._parts.append(text.replace("\x00", ""))

    def open(self, name: str) -> None:
        self.apart(name)
        if name == "blockquote":
            self._break(2)
            self._quotes += 1
            self._parts.append("\x00>")
        elif name in _CELL:
            self._parts.append("\t")
        elif name in _BLOCK:
            self._break(2 if name in _PARAGRAPH else 1)
        if name == "li":
            self._parts.append("- ")
        self._pre += name == "pre"

    def close(self, name: str) -> None:
        self.apart(name)
        if name == "head":
            self._in_head = False
        if name == "blockquote" and self._quotes:
            self._quotes -= 1
            self._parts.append("\x00<")
        if name == "pre" and self._pre:
            self._pre -= 1
        if name in _BLOCK and name != "br":
            self._break(2 if name in _PARAGRAPH else 1)

    def _break(self, lines: int) -> None:
        self._parts.append("\n" * lines)

    def text(self) -> str:
        depth = 0
        lines = []
        for line in "".join(self._parts).split("\n"):
            depth += line.count("\x00>")
            words = line.replace("\x00>", "").replace("\x00<", "").strip(" \t")
            lines.append("> " * min(depth, 8) + words if words and depth > 0 else words)
            depth = max(depth - line.count("\x00<"), 0)
        return _MANY.sub("\n\n", "\n".join(lines)).strip("\n")
