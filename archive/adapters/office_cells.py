"""How programs show the value of a cell."""

import re
from datetime import datetime

import openpyxl

_MONEY = re.compile(r"€|\$|£|¥|EUR|USD|CHF|GBP")
_CENTS = re.compile(r"[0#]\.00(?!0)")
_PERCENT = re.compile(r"(?<!\\)%")
_GERMAN = str.maketrans(",.", ".,")
_MOST_SHOWN = 1e15


def shown(cell: "openpyxl.cell.Cell") -> str:
    """Give the value of a cell, and in brackets how programs show it: a share in percent, money in groups, a day."""
    value, form = cell.value, str(cell.number_format)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} {value:%d.%m.%Y}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    money = _MONEY.search(form)
    sign, shown = f" {money[0]}" if money else "", None
    before, behind = _words(form, value)
    if _PERCENT.search(form):
        shown = f"{round(value * 100, 2):.10g} %"
    elif _CENTS.search(form) and abs(value) < _MOST_SHOWN:
        shown = f"{value:,.2f}{sign}"
    number = f"{value}{sign} ({shown.translate(_GERMAN)})" if shown else f"{value}{sign}"
    return f"{before}{number}{behind}"


_SECTION = re.compile(r'((?:"[^"]*"|\\.|[^;"\\])*)(?:;|$)')
_LITERAL = re.compile(r'"([^"]*)"')
_DIGIT = re.compile("[0#?]")


def _words(form: str, value: float) -> tuple[str, str]:
    """Give the words that a number's format shows before and behind it, like a unit; those of money are told anyway."""
    parts = _SECTION.findall(form)
    section = parts[1 if value < 0 and parts[1:2] not in ([], [""]) else 0]
    digits = _DIGIT.search(_LITERAL.sub(lambda one: " " * len(one[0]), section))
    if digits is None:
        return "", ""
    sides = section[: digits.start()], section[digits.start() :]
    words = [
        " ".join(one.strip() for one in _LITERAL.findall(side) if not _MONEY.search(one)) for side in sides
    ]
    return f"{words[0]} " if words[0].strip() else "", f" {words[1]}" if words[1].strip() else ""
