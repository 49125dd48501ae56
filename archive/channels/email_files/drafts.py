"""Mails that were written and not sent: how programs mark them.

Authority: Google's Takeout (labels in the language of the account), Maildir (flag ``D``), and what Outlook, Thunderbird
and Apple Mail write. IMAP's flag ``\\Draft`` is in no file.
"""

import re
from email.parser import BytesHeaderParser
from email.policy import compat32
from pathlib import Path

from archive.channels.email_files.headers import Fields, words
from archive.reading.words import load_words

DRAFTS = "drafts"
_WORDS = load_words(Path(__file__).with_name("words_email.toml"))
_PARSER = BytesHeaderParser(policy=compat32)
_FLAGGED = re.compile(r"[:;!]2,[A-Za-z]*D[A-Za-z]*$")
"""The end of a file's name in a Maildir; on disks without colons another mark stands for it."""
_MARKS = re.compile(
    rb"^(?:x-gmail-labels|x-unsent|x-mozilla-draft-info|x-uniform-type-identifier)[ \t]*:", re.I | re.M
)
_END = re.compile(rb"\r?\n\r?\n")


def is_draft(name: str, content: bytes) -> bool:
    """Whether a mail, of which this is the beginning, is a draft; ``name`` is that of its file."""
    if _FLAGGED.search(name):
        return True
    header = _END.split(content, 1)[0] + b"\n\n"
    if not _MARKS.search(header):
        return False
    fields = Fields(_PARSER.parsebytes(header))
    labels = (words(fields.first("x-gmail-labels")) or "").split(",")
    return (
        "x-mozilla-draft-info" in fields.names()
        or fields.first("x-unsent") == "1"
        or fields.first("x-uniform-type-identifier") == "com.apple.mail-draft"
        or any(_WORDS.first("draft", label.strip().casefold()) for label in labels)
    )
