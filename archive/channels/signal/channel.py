"""The channel: lines of the export, what they declare, and what of them is secret."""

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from archive.channels.called import others
from archive.channels.export import ExportReader, LeaveOut, Made, Run, Scene, Taker
from archive.channels.signal.contacts import APP, CONTACTS, SETTINGS, no_conversation
from archive.channels.signal.items import ChatItems
from archive.channels.signal.people import CHANNEL, People
from archive.ports import Facts
from archive.reading.json_fields import Fields, NotUnderstood
from archive.reading.private import Private, find_ranges
from archive.reading.shape import Shape, shapes
from archive.reading.tree import Member, Tree
from archive.reading.units import Reading
from schemas.capture import Gap
from schemas.item import Actor, Key, Raw, Thread

_SECRETS = re.compile(
    rb'"(?:mediaRootBackupKey|profileKey|identityKey|masterKey|inviteLinkPassword|key|packKey|rootKey|adminKey'
    rb"|entropy|serverId|subscriberId|localKey|incrementalMac|paymentsEntropy|backupsSubscriberData|svrPin|e2eeKey"
    rb'|transitCdnKey|distributionId|receipt|purchaseToken)"\s*:\s*"([^"\\]+)"'
)


class _Reading(Run):
    def taker(self, member: Member) -> Taker | str | None:
        if _is_main(shapes(self.tree).of(member)):
            return self._main
        if member.name == "metadata.json":
            return "about the export itself"
        return None

    def _main(self, member: Member) -> Iterator[Reading]:
        self.via = self.as_told()
        people = People(self.via)
        scenes: dict[str, Scene] = {}
        makers = ChatItems(self, people, member)
        seen_account = False

        def make(f: Fields, raw: Raw, made: Made) -> None:
            nonlocal seen_account
            if "chatItem" in f:
                item = f.object("chatItem") or Fields({})
                scene = scenes.get(item.id("chatId") or "")
                if scene is None:
                    raise NotUnderstood("an item of a chat that was not declared")
                makers.add(scene, item, raw, made)
            elif "recipient" in f:
                people.declare(f.object("recipient") or Fields({}), raw)
            elif "chat" in f:
                self._chat(scenes, people, f.object("chat") or Fields({}), raw, made)
            elif "account" in f:
                seen_account = True
                self._account(people, f.object("account") or Fields({}))
            elif any(name in f for name in SETTINGS):
                raise LeaveOut(APP)
            elif "version" not in f and "backupTimeMs" not in f:
                raise NotUnderstood("a frame of a kind that is not known")

        yield from self.line_units(member, make)
        self.gaps.append(Gap(via=self.via, reason="disappearing messages are never in an export of Signal"))

    def _account(self, people: People, f: Fields) -> None:
        name = " ".join(part for part in (f.text("givenName"), f.text("familyName")) if part)
        handle = f.text("username")
        people.own_name = name or handle
        people.own_also = others((handle,), people.own_name)
        if not self.options.mine and (handle or name):
            self.via = people.via = Key(channel=CHANNEL, scope="", id=handle or name, derived=True)

    def _chat(self, scenes: dict[str, Scene], people: People, f: Fields, raw: Raw, made: Made) -> None:
        number, recipient = f.id("id"), people.known.get(f.id("recipientId") or "")
        if not number or recipient is None:
            raise NotUnderstood("a chat with nobody")
        group = recipient.kind == "group"
        scene = self.scene(
            recipient.key.id, derived=recipient.key.derived, visibility="group" if group else "direct"
        )
        scene.scope = recipient.key.id
        scenes[number] = scene
        kind: Any = "group" if group else "chat"
        members = tuple(
            Actor(account=key, written=people.by_aci[key.id].name if key.id in people.by_aci else None)
            for key in recipient.members
        )
        made.threads.append(
            Thread(
                key=scene.thread,
                via=self.via,
                kind=kind,
                title=recipient.name,
                participants=members,
                visibility=scene.visibility,
                raw=raw,
            )
        )


def _is_main(shape: Shape) -> bool:
    if shape.kind == "json" and shape.has("/version", "/backupTimeMs"):
        return True  # a line longer than the head, or the only one
    return shape.kind == "lines" and (
        shape.has("/version", "/backupTimeMs") or shape.has("/chatItem/chatId") or shape.has("/recipient/id")
    )


class SignalExport(ExportReader):
    """Reads ``main.jsonl``."""

    name: ClassVar[str] = CHANNEL
    parser: ClassVar[str] = "signal-export/3"
    run: ClassVar[type[Run]] = _Reading
    facts: ClassVar[Facts] = Facts(
        title="Signal",
        layouts=("plaintext export: main.jsonl with files/",),
        ask_for="the app: Settings, Chats, export as plaintext",
        edits="every version",
        deletions="placeholder",
        receipts="delivered, read",
        direct="yes",
        claim="gaps_by_design",
        tested="real files",
        left_out=("keys and other secrets", CONTACTS, APP),
    )

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """By the first line and the frames."""
        return (97, "frames of a Signal backup, one a line") if _is_main(shape) else (0, "")

    def private(self, tree: Tree) -> Iterator[Private]:
        """Keys in clear, masked wherever they stand, and what is no conversation."""
        yield from super().private(tree)
        for member, shape in shapes(tree).every():
            if _is_main(shape):
                yield from no_conversation(member)
                if ranges := find_ranges(member, _SECRETS):
                    yield Private(member.path, "keys and other secrets", ranges)
