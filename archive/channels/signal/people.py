"""Who is who in an export: recipients are declared before they are named, by a number of the backup.

A person's key is the account id (ACI), else the phone number. Groups are told apart by their number in the
backup of this phone, for what identifies a group is its secret key.
"""

import base64
import binascii
import uuid
from dataclasses import dataclass, field
from typing import Any, Literal

from archive.channels.called import others
from archive.channels.export import Made
from archive.reading.json_fields import Fields
from schemas.item import Account, Actor, Key, Raw

CHANNEL = "signal"


@dataclass(slots=True)
class Recipient:
    """Somebody, or a group, as a line of the export declares it."""

    kind: Literal["self", "person", "group", "other"]
    key: Key
    name: str | None
    raw: Raw
    handle: str | None = None
    also: tuple[str, ...] | None = None
    members: tuple[Key, ...] = ()
    described: bool = False


@dataclass(slots=True)
class People:
    """The recipients of one export by their number."""

    via: Key
    own_name: str | None = None
    own_also: tuple[str, ...] | None = None
    known: dict[str, Recipient] = field(default_factory=dict)
    by_aci: dict[str, Recipient] = field(default_factory=dict)

    def declare(self, f: Fields, raw: Raw) -> None:
        """Take in a line that declares a recipient."""
        number = f.id("id")
        if not number:
            raise ValueError("a recipient without a number")
        contact, group = f.object("contact"), f.object("group")
        if "self" in f:
            found = Recipient("self", self.via, self.own_name, raw, also=self.own_also)
        elif contact is not None:
            found = _person(contact, number, raw)
        elif group is not None:
            found = _group(group, number, raw)
        else:
            sort = next((name for name in f.data if name != "id"), "other")
            found = Recipient("other", _key(f"{sort}:{number}", derived=True), sort, raw)
        self.known[number] = found
        self.by_aci.setdefault(found.key.id, found)

    def actor(self, number: str | None, made: Made) -> Actor | None:
        """Somebody by number; the first time the account is described too."""
        found = self.known.get(number or "")
        if found is None:
            return None
        self._describe(found, made)
        return Actor(account=found.key, written=found.name, handle=found.handle, also=found.also)

    def by_id(self, aci: str | None, made: Made) -> Actor | None:
        """Somebody by the bytes of the account id."""
        ident = account_id(aci)
        if ident is None:
            return None
        found = self.by_aci.get(ident)
        if found is None:
            return Actor(account=_key(ident))
        self._describe(found, made)
        return Actor(account=found.key, written=found.name, handle=found.handle, also=found.also)

    def _describe(self, found: Recipient, made: Made) -> None:
        if found.described or found.kind not in ("self", "person"):
            return
        found.described = True
        made.accounts.append(
            Account(
                key=found.key,
                via=self.via,
                kind="person",
                name=found.name,
                handle=found.handle,
                also=found.also,
                raw=found.raw,
            )
        )


def _key(ident: str, *, derived: bool = False) -> Key:
    return Key(channel=CHANNEL, scope="", id=ident, derived=derived)


def account_id(aci: Any) -> str | None:
    """16 bytes in base64 as the usual UUID; anything else is none."""
    try:
        data = base64.b64decode(aci, validate=True) if isinstance(aci, str) else b""
    except (binascii.Error, ValueError):
        return None
    return str(uuid.UUID(bytes=data)) if len(data) == 16 else None


def _person(contact: Fields, number: str, raw: Raw) -> Recipient:
    aci, phone = account_id(contact.get("aci")), contact.id("e164")
    nickname = contact.object("nickname") or Fields({})
    names = [
        " ".join(part for part in (one.text(given), one.text(family)) if part)
        for one, given, family in (
            (contact, "profileGivenName", "profileFamilyName"),
            (contact, "systemGivenName", "systemFamilyName"),
            (nickname, "given", "family"),
        )
    ]
    username = contact.text("username")
    name = next((name for name in names if name), None) or username or (f"+{phone}" if phone else None)
    ident = aci or (f"+{phone}" if phone else f"recipient:{number}")
    handle = f"+{phone}" if phone else username
    also = others((*names, username), name, handle)
    return Recipient("person", _key(ident, derived=aci is None), name, raw, handle, also)


def _group(group: Fields, number: str, raw: Raw) -> Recipient:
    snapshot = group.object("snapshot") or Fields({})
    title = (snapshot.object("title") or Fields({})).text("title")
    members = tuple(
        _key(ident) for one in snapshot.objects("members") if (ident := account_id(one.get("userId")))
    )
    return Recipient("group", _key(f"group:{number}", derived=True), title, raw, members=members)
