"""Who says an entry, and whether the app says it."""

import re

from archive.channels.whatsapp_text.contents import (
    Contents,
    read_message,
    read_system,
    starts_like_a_system_line,
    unknown_system,
)
from archive.channels.whatsapp_text.survey import NAME_LENGTH, Survey
from archive.reading.decoding import matching


def understand(author: str | None, body: str, *, first: bool) -> Contents:
    """A line without author is a system line; with one only behind the mark of iOS, or the first notice."""
    if author is None:
        return read_system(body) or unknown_system(body)
    if starts_like_a_system_line(body) or first:
        system = read_system(body)
        if system and (starts_like_a_system_line(body) or ("about", "encryption") in system.extra):
            return system
    return read_message(body)


def said_by(
    author: str | None, body: str, contents: Contents, survey: Survey, title: str
) -> tuple[str | None, Contents]:
    """Who said it after all: iOS prints the name of a group before its system lines, and a group never speaks."""
    if author is None or _said_by_the_chat(author, contents, title):
        return None, contents
    name = matching(author).strip()
    message = contents.attachments or contents.extra or contents.form == "poll"
    told = contents.event != "deleted" and (contents.event != "posted" or not message)
    of_the_chat = name == matching(title).strip() and name not in survey.speaking
    if not (told and of_the_chat and starts_like_a_system_line(body)):
        return author, contents
    return None, unknown_system(body) if contents.event == "posted" else contents


def _said_by_the_chat(author: str, contents: Contents, title: str) -> bool:
    """iOS prints the name of the chat before some system lines; the line tells who acted."""
    told = contents.actor is not None or ("about", "encryption") in contents.extra
    return told and contents.event != "posted" and matching(author).strip() == matching(title).strip()


def split(rest: str, survey: Survey, known: frozenset[str]) -> tuple[str | None, str, bool]:
    """Author and body; whether a name with a colon was assumed. No author: a system line.

    A name may contain a colon. It is taken to when the file is named after it, the account is, or the file
    shows the longer name at least three times and the shorter one never without it.
    """
    line = rest[: NAME_LENGTH + 2].partition("\n")[0]
    splits = [match.start() for match in re.finditer(r":(?: |\r?$)", line)]
    if not splits:
        name, colon, _ = line.partition(":")
        if colon and survey.names.get(matching(name).strip()):
            return name, rest[len(name) + 1 :], False
        return None, rest, False
    shortest = rest[: splits[0]]
    plain = matching(shortest).strip()
    for end in reversed(splits[1:]):
        longer = matching(rest[:end]).strip()
        if "<" in longer:
            continue
        count = survey.names.get(longer, 0)
        if longer in known or (count >= 3 and count == survey.names.get(plain)):
            return rest[:end], _body(rest, end), longer not in known
    if _quotes_before_colon(shortest) and read_system(rest):
        return None, rest, False
    return shortest, _body(rest, splits[0]), False


def _quotes_before_colon(name: str) -> bool:
    """Only a quoted group name brings a colon into a system line."""
    return any(mark in name for mark in '"„“”«')


def _body(rest: str, end: int) -> str:
    body = rest[end + 1 :]
    return body[1:] if body.startswith(" ") else body
