"""The words of one part of an Office file."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from types import MappingProxyType

from lxml import etree

MAIN = re.compile(r"/?(?:word/document|ppt/presentation)\d*\.xml")
"""The part that holds a document together; some servers call it document2.xml."""
_WORDS = {"t", "delText", "text"}
_GAPS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "txbxContent": "\n"}


def parser(encoding: str | None = None) -> "etree.XMLParser":
    """Give a parser that fetches nothing and expands nothing; ``encoding``: whatever the document says."""
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, encoding=encoding)


def natural(name: str) -> tuple[int, list[tuple[str, int]]]:
    """Order the main part first, then by name with numbers by value: slide 2 before slide 10."""
    first = 0 if MAIN.fullmatch(name) else 1
    return first, [(text, int(number or 0)) for text, number in re.findall(r"(\D+)(\d*)", name)]


_TAKEN, _PUT = {"del", "moveFrom"}, {"ins", "moveTo"}


def text_of(root: "etree._Element", numbered: "Mapping[etree._Element, str] | None" = None) -> str:
    """Give the text of a part with its tracked changes, and then the lines that read otherwise without them.

    Who changes *fünf* to *drei* leaves both side by side: read as they lie, neither word is there.
    """
    now, before = ("".join(runs(root, without, numbered or {})) for without in (_TAKEN, _PUT))
    known = set(now.split("\n"))
    return (
        "\n".join([now, *(line for line in before.split("\n") if line not in known)])
        if now != before
        else now
    )


def runs(
    root: "etree._Element",
    without: Collection[str] = (),
    numbered: "Mapping[etree._Element, str]" = MappingProxyType({}),
) -> Iterator[str]:
    """Give what stands in the words of a part, and in what programs draw in their place, with the ends of lines."""
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if not isinstance(element.tag, str):
            continue
        name = etree.QName(element).localname
        if name in without:
            if event == "start":
                walk.skip_subtree()
        elif event == "start" and name in _WORDS:
            yield element.text or ""
        elif event == "start" and name in _GAPS:
            yield _GAPS[name]
        elif event == "start" and name in _DRAWN:
            yield _DRAWN[name](element)
        elif event == "start" and element in numbered:
            yield f"{numbered[element]} "
        elif event == "end" and name in _LINES:
            yield "\n"


def _word_art(element: "etree._Element") -> str:
    """Give what a drawn text says: a watermark, as a rule."""
    return str(element.get("string", ""))


def _legend(element: "etree._Element") -> str:
    """Give the name of a series or a category, as a chart remembers it; its numbers are no words."""
    parent = element.getparent()
    kept = parent.getparent() if parent is not None else None
    is_number = kept is not None and etree.QName(kept).localname in ("numCache", "numLit")
    return "" if is_number or not etree.QName(element).namespace.endswith("/chart") else element.text or ""


def _chosen(element: "etree._Element") -> str:
    """Give the entry that a drop-down field of a form shows: the first, where none was chosen."""
    told: dict[str, list[str]] = {"result": [], "default": [], "listEntry": []}
    for one in element.iter("{*}result", "{*}default", "{*}listEntry"):
        told[etree.QName(one).localname] += [value for name, value in one.items() if name.endswith("}val")]
    number = next(iter((*told["result"], *told["default"])), "0")
    return next(iter(told["listEntry"][int(number) :]), "") if number.isdecimal() else ""


_DRAWN: dict[str, Callable[["etree._Element"], str]] = {
    "textpath": _word_art,
    "v": _legend,
    "ddList": _chosen,
}
_LINES = {"p", *_DRAWN}
