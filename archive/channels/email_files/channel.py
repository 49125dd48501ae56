"""The channel: which members are mails or mailboxes, and their mails one by one."""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import ClassVar

from archive.channels.email_files.drafts import DRAFTS, is_draft
from archive.channels.email_files.items import CHANNEL, NoMailError, mail_item, thread_of, via_key
from archive.channels.email_files.mbox import (
    MAIL_CAP,
    MailBytes,
    begins_with_separator,
    is_separator,
    mails,
    unquoted,
)
from archive.errors import UnreadableInput
from archive.ports import Confidence, Facts, ReadOptions
from archive.reading.private import MASKED, Private, Range, is_masked
from archive.reading.tree import Member, Tree
from archive.reading.units import Completeness, MemberProblem, Reading, UnitExcluded, UnitFailed, UnitRead
from schemas.capture import Claim
from schemas.item import Key, Raw, Thread

_SNIFF = 1 << 15
_FIELD = re.compile(rb"([!-9;-~]{1,76})[ \t]*:")
_CONTINUED = (b" ", b"\t")
_KNOWN = frozenset(
    b"from to cc date subject message-id received mime-version content-type return-path in-reply-to"
    b" references delivered-to reply-to content-transfer-encoding x-mailer sender dkim-signature".split()
)
_MAIL_NAMES = (".eml", ".mbox", ".mbx", ".emlx", ".mail", ".msg")
_LOOK_AT = 40
_OUTLOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How a compound file begins: Outlook's .msg, of which no reader with a free licence is good enough."""
_BROKEN = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, LookupError)


class EmailFiles:
    """Reads single mails, mailboxes in mbox form, and folders of them (Maildir too)."""

    name: ClassVar[str] = CHANNEL
    parser: ClassVar[str] = "email-files/3"
    facts: ClassVar[Facts] = Facts(
        title="E-mail",
        layouts=(
            "EML",
            "mbox",
            "Maildir",
            "notification mails of networks",
            "Outlook .msg: kept and answered, not read",
        ),
        ask_for="the mailbox, as files",
        edits="no",
        deletions="absent",
        receipts="as mails",
        direct="yes",
        claim="unknown",
        tested="real files",
        left_out=(DRAFTS,),
    )

    def private(self, tree: Tree) -> Iterator[Private]:
        """Drafts: files, or mails of an mbox."""
        for member in tree.files():
            head = _head(member)
            if not _is_mailbox(head):
                if is_draft(member.name, head) and _likeness(head) >= 20:
                    yield Private(member.path, DRAFTS)
            elif ranges := tuple(_drafts(member)):
                yield Private(member.path, DRAFTS, ranges)

    def detect(self, tree: Tree) -> Confidence:
        """By the header fields with which a mail begins, or the separator and fields of an mbox."""
        members = list(tree.files())[:_LOOK_AT]
        if not members:
            return Confidence(0, "no files")
        heads = [_head(member) for member in members]
        if all(
            h.startswith(_OUTLOOK) and m.name.lower().endswith(".msg")
            for h, m in zip(heads, members, strict=True)
        ):
            return Confidence(80, "mails in Outlook's own form")
        percents = [_likeness(head) for head in heads]
        best = max(percents)
        share = sum(percent >= 40 for percent in percents) / len(percents)
        percent = int(best * (0.5 + share / 2))
        if percent and all(member.name.lower().endswith(_MAIL_NAMES) for member in members):
            percent = max(percent, 60)  # a poor mail that is also named one
        return Confidence(percent, "header fields of mails" if percent else "no header fields of a mail")

    def read(self, tree: Tree, options: ReadOptions) -> Iterator[Reading]:
        """Read every mail in the tree; files that are no mails are left out, unless their name says mail."""
        yield from tree.left_out
        found = 0
        described: set[Key] = set()
        for member in tree.files():
            head = _head(member)
            if not member.size:
                meant = member.name.lower().endswith(_MAIL_NAMES)
                yield MemberProblem(member.path, "empty file", foreign=not meant)
                continue
            if head.startswith(_OUTLOOK):
                yield MemberProblem(
                    member.path, "Outlook's own form (.msg): it is kept, not read; save the mail as .eml"
                )
                continue
            meant = tree.single or member.name.lower().endswith(_MAIL_NAMES)
            if _likeness(head) < 20 and not meant:
                yield MemberProblem(member.path, "no mail: it begins with no header fields", foreign=True)
                continue
            for reading in self._member(tree, member, head, options, described):
                found += isinstance(reading, UnitRead)
                yield reading
        yield Completeness(claims=(Claim(scope=tree.name, kind="unknown", found=found),))

    def _member(
        self, tree: Tree, member: Member, head: bytes, options: ReadOptions, described: set[Key]
    ) -> Iterator[Reading]:
        mailbox = _is_mailbox(head)
        thread = _thread(tree, member, options, mailbox=mailbox)
        try:
            for mail in mails(member) if mailbox else _single(member):
                reading = self._unit(member, mail, thread.key, options)
                if isinstance(reading, UnitRead) and thread.key not in described:
                    described.add(thread.key)
                    reading = UnitRead(
                        member.path, items=reading.items, threads=(thread,), contents=reading.contents
                    )
                yield reading
        except UnreadableInput as error:
            yield MemberProblem(member.path, str(error))

    def _unit(self, member: Member, mail: MailBytes, thread: Key, options: ReadOptions) -> Reading:
        if not mail.whole:
            return UnitFailed(member.path, "mail larger than the limit", mail.start, mail.end)
        separator, content = unquoted(mail)
        if is_masked(content) or is_draft(member.name, content):
            return UnitExcluded(member.path, MASKED if is_masked(content) else DRAFTS, private=True)
        raw = Raw(member=member.path, start=mail.start, end=mail.end, slice=b"".join(mail.data))
        via = via_key(options.mine)
        try:
            item, contents = mail_item(content, separator, raw, thread, via, self.parser, options)
        except NoMailError:
            return UnitFailed(member.path, "no header fields", mail.start, mail.end)
        except _BROKEN as error:
            return UnitFailed(
                member.path, f"cannot be read as a mail ({type(error).__name__})", mail.start, mail.end
            )
        return UnitRead(member.path, items=(item,), contents=contents)


def _is_mailbox(head: bytes) -> bool:
    return begins_with_separator(head) and _mbox_likeness(head) > 0


def _drafts(member: Member) -> Iterator[Range]:
    """Where the drafts of an mbox lie behind their separators, as far as it can be read."""
    with suppress(UnreadableInput):
        for mail in mails(member):
            separator, content = unquoted(mail)
            if is_draft("", content):
                data = b"".join(mail.data)
                yield mail.start + len(separator), mail.start + len(data.rstrip(b"\r\n"))


def _single(member: Member) -> Iterator[MailBytes]:
    if member.size > MAIL_CAP:
        yield MailBytes(0, member.size, whole=False)
        return
    with member.open() as stream:
        data = stream.read()
    first, feed, rest = data.partition(b"\n")
    yield MailBytes(0, len(data), [first + feed, rest], counted=True)


def _thread(tree: Tree, member: Member, options: ReadOptions, *, mailbox: bool) -> Thread:
    """The mailbox or folder in which a mail lies: told, or the name of the mbox, or the folder of the
    file."""
    folder = member.folder.rstrip("/")
    if options.thread:
        title = options.thread
    elif mailbox:
        title = re.sub(r"\.(?:mbox|mbx)$", "", member.path or member.name, flags=re.IGNORECASE)
    else:
        title = thread_of(folder) or (options.source if tree.single else tree.name)
    via = via_key(options.mine)
    return Thread(
        key=Key(channel=CHANNEL, scope=via.id if options.mine else "", id=title, derived=True),
        via=via,
        kind="mailbox" if mailbox else "folder",
        title=title,
        raw=Raw(member=member.path, pointer="file name", slice=title.encode("utf-8", "replace")),
    )


def _head(member: Member) -> bytes:
    try:
        with member.open() as stream:
            return stream.read(_SNIFF)
    except UnreadableInput:
        return b""


def _likeness(head: bytes) -> int:
    """Percent of certainty that these are the first bytes of a mail or mbox."""
    if b"\nX-RSMF-" in head[:4096]:
        return 20  # a mail by technique only: it carries messages of another kind
    if begins_with_separator(head):
        return _mbox_likeness(head)
    return _header_likeness(head)


def _mbox_likeness(head: bytes) -> int:
    first, _, rest = head.partition(b"\n")
    if rest.startswith(b"**"):
        return 60 if is_separator(first) else 0  # the first mail is masked
    likeness = _header_likeness(rest)
    if not likeness:
        return 0
    return min(99, likeness + 20) if is_separator(first) else likeness


def _header_likeness(head: bytes) -> int:
    known: set[bytes] = set()
    total = 0
    for line in head.lstrip(b"\xef\xbb\xbf\r\n").splitlines():
        if not line.strip():
            break
        if line.startswith(_CONTINUED):
            continue
        match = _FIELD.match(line)
        if not match:
            if total < 2:
                return 0
            break
        total += 1
        if match[1].lower() in _KNOWN:
            known.add(match[1].lower())
    if not known:
        return 0
    return min(95, 15 + 20 * len(known))
