"""What stands beside the text of an Office file: comments, legends, headers, what is remembered of other files."""

import html
import re
import zipfile
from collections.abc import Iterator
from io import BytesIO

from lxml import etree

from archive.adapters.office_xml import natural, parser, runs
from archive.reading.html_text import html_to_text

_TOLD = {"title", "subject", "keywords", "description", "category", "creator", "lpwstr"}


def told(data: bytes) -> Iterator[str]:
    """Give what an Office file says of itself: programs show it, and search by it."""
    with zipfile.ZipFile(BytesIO(data)) as package:
        for name in sorted({"docProps/core.xml", "docProps/custom.xml"} & set(package.namelist())):
            for one in etree.fromstring(package.read(name), parser()).iter("{*}*"):
                if etree.QName(one).localname in _TOLD and one.text:
                    yield one.text


_BESIDE = re.compile(
    r"xl/(?:(?:comments|threadedComments|drawings|diagrams|charts|chartsheets|worksheets)/.*|comments\d*)\.xml"
)
_PAGE = re.compile(rb"<(?:odd|even|first)(Header|Footer)>(.{0,2000}?)</(?:odd|even|first)\1>", re.DOTALL)
_LAYOUT = re.compile(r'&(?:"[^"]*"|[LCR]|K[0-9A-F]{6}|\d+|[A-Z])')
_TAIL = 64 * 1024
"""Bytes at the end of a sheet in which its headers stand."""


def beside_cells(data: bytes) -> Iterator[str]:
    """Give what stands beside the cells of a workbook: comments, shapes, charts, headers and footers."""
    with zipfile.ZipFile(BytesIO(data)) as package:
        for name in sorted(filter(_BESIDE.match, package.namelist()), key=natural):
            if not name.startswith(("xl/worksheets", "xl/chartsheets")):
                text = "".join(runs(etree.fromstring(package.read(name), parser())))
                if text.strip():
                    yield text
            elif "/_rels/" not in name:
                found = (part.decode("utf-8", "replace") for _, part in _PAGE.findall(_end(package, name)))
                yield from filter(None, (_LAYOUT.sub(" ", html.unescape(part)).strip() for part in found))


_REMEMBERED = re.compile(r"xl/(?:pivotCache|externalLinks)/[^/]*\.xml")
_BUTTON = re.compile(r"<v:textbox\b[^>]*>(.{0,20000}?)</v:textbox>", re.DOTALL)


def remembered(data: bytes) -> Iterator[str]:
    """Give what a workbook keeps of cells of others, to reckon with, and what its buttons say."""
    with zipfile.ZipFile(BytesIO(data)) as package:
        for name in sorted(package.namelist(), key=natural):
            if _REMEMBERED.fullmatch(name):
                yield from _kept(etree.fromstring(package.read(name), parser()))
            elif name.startswith("xl/drawings/") and name.endswith(".vml"):
                source = package.read(name).decode("utf-8", "replace")
                yield from (html_to_text(shown) for shown in _BUTTON.findall(source))


def _kept(root: "etree._Element") -> Iterator[str]:
    for one in root.iter("{*}cacheField", "{*}s", "{*}v"):
        if words := one.get("name") or one.get("v") or one.text:
            yield words


_PICTURE = re.compile(rb"<(?:\w+:)?(?:docPr|cNvPr)\b[^>]{1,20000}>")
_DESCRIBED = re.compile(r"""\s(?:descr|title)=(?:"([^"]*)"|'([^']*)')""")


def described(data: bytes) -> Iterator[str]:
    """Give what is said of pictures, for whoever does not see them: as the words of a page give it."""
    with zipfile.ZipFile(BytesIO(data)) as package:
        for name in sorted(package.namelist(), key=natural):
            if name.startswith(("word/", "ppt/", "xl/drawings/")) and name.endswith(".xml"):
                for tag in _PICTURE.findall(package.read(name)):
                    found = _DESCRIBED.findall(tag.decode("utf-8", "replace"))
                    yield from (html.unescape(one or other) for one, other in found if one or other)


def _end(package: zipfile.ZipFile, name: str) -> bytes:
    with package.open(name) as member:
        end = b""
        while piece := member.read(1 << 20):
            end = (end + piece)[-_TAIL:]
        return end
