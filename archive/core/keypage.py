"""Key pages: one per segment, a slot per encrypted record, page keys wrapped to recipients (FORMAT.md §8)."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from archive.core.canonical import b64u, decode, encode, label, unb64u, unhex
from archive.core.keys import PrivateRecipient, Recipient
from archive.errors import FormatError

SLOT = 48
ZERO_SLOT = bytes(SLOT)
MAX_PAGE_HEADER = 1024 * 1024
MAX_PAGE = 4 + MAX_PAGE_HEADER + 4096 * (SLOT + 32)

_SLOT_LABEL = label("beleg/slot/v1")
_PAGE_KEY_LABEL = label("beleg/page-key/v1")
_SUITES = {
    "x25519": Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM),
    "mlkem768_x25519": Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM),
}


def slot_hash(slot: bytes) -> bytes:
    """Give the hash under which a segment lists a slot."""
    return sha256(b"\5" + slot).digest()


@dataclass(frozen=True, slots=True)
class PageId:
    """What a key page is for, and so what its wraps and slots are bound to."""

    origin: str
    batch: bytes
    record_class: str
    generation: int = 0

    def _bound(self, use: bytes) -> bytes:
        place = self.batch + self.generation.to_bytes(4, "big") + label(self.record_class)
        return use + label(self.origin) + place

    def wrap_info(self, recipient: str) -> bytes:
        """Give the HPKE info of the wrap for a recipient."""
        return self._bound(_PAGE_KEY_LABEL) + bytes.fromhex(recipient)

    def slot_aad(self, slot: int) -> bytes:
        """Give the AAD of a slot."""
        return self._bound(_SLOT_LABEL) + slot.to_bytes(4, "big")


def seal_page(
    page: PageId, recipients: Sequence[Recipient], record_keys: Sequence[bytes | None]
) -> tuple[bytes, list[bytes]]:
    """Make a key page for these recipients, a slot for each record key in order; None: a destroyed one.

    Returns:
        (the page, the slot hashes)
    """
    page_key = os.urandom(32)
    wraps = [
        {
            "recipient": recipient.id,
            "wrap": b64u(
                _SUITES[recipient.algorithm].encrypt(
                    page_key, recipient.public_key(), page.wrap_info(recipient.id)
                )
            ),
        }
        for recipient in sorted(recipients, key=lambda recipient: recipient.id)
    ]
    header = encode(
        {
            "batch": page.batch.hex(),
            "class": page.record_class,
            "format": "beleg/page/v1",
            "generation": page.generation,
            "origin": page.origin,
            "slots": len(record_keys),
            "wraps": wraps,
        }
    )
    if len(header) > MAX_PAGE_HEADER:
        raise FormatError("a page header of more than 1 MiB: too many recipients")
    cipher, aad = AESGCM(page_key), page.slot_aad(0)[:-4]
    slots = [
        ZERO_SLOT
        if key is None
        else cipher.encrypt(slot.to_bytes(12, "big"), key, aad + slot.to_bytes(4, "big"))
        for slot, key in enumerate(record_keys)
    ]
    hashes = [slot_hash(slot) for slot in slots]
    tail = hashes if page.generation else []
    return b"".join([len(header).to_bytes(4, "big"), header, *slots, *tail]), hashes


def page_digest(headers: Mapping[str, bytes]) -> bytes:
    """Give the ``page`` of a segment header from class → SHA-256 of the page header."""
    return sha256(b"".join(label(name) + digest for name, digest in sorted(headers.items()))).digest()


@dataclass(frozen=True, slots=True)
class Page:
    """A key page taken apart; judged against segment and key state by the caller."""

    id: PageId
    wraps: Mapping[str, bytes]
    """Recipient id → wrapped page key."""
    header_sha256: bytes
    slots: Sequence[bytes]
    listed: Sequence[bytes] | None
    """The slot hashes that a page of generation > 0 carries itself."""

    def page_key(self, private: PrivateRecipient) -> bytes:
        """Unwrap the page key.

        Raises:
            FormatError: the page has no wrap for this recipient, or it does not open.
        """
        wrap = self.wraps.get(private.id)
        if wrap is None:
            raise FormatError(f"a key page that is not wrapped to recipient {private.id}")
        try:
            key = _SUITES[private.algorithm].decrypt(
                wrap, private.private_key(), self.id.wrap_info(private.id)
            )
        except (InvalidTag, ValueError) as error:
            raise FormatError("a wrapped page key that its recipient cannot open") from error
        if len(key) != 32:
            raise FormatError("a page key of the wrong length")
        return key

    def record_key(self, page_key: bytes, slot: int) -> bytes:
        """Open one slot.

        Raises:
            FormatError: the slot was destroyed, or does not open.
        """
        sealed = self.slots[slot]
        if sealed == ZERO_SLOT:
            raise FormatError("a destroyed key slot")
        try:
            return AESGCM(page_key).decrypt(slot.to_bytes(12, "big"), sealed, self.id.slot_aad(slot))
        except InvalidTag as error:
            raise FormatError("a key slot that its page key does not open") from error


_MEMBERS = {"batch", "class", "format", "generation", "origin", "slots", "wraps"}


def parse_page(data: bytes) -> Page:
    """Take a key page apart.

    Raises:
        FormatError: not a key page of format 1.
    """
    length = int.from_bytes(data[:4], "big")
    if not 0 < length <= MAX_PAGE_HEADER or len(data) < 4 + length:
        raise FormatError("a key page header of impossible length")
    raw = data[4 : 4 + length]
    header = decode(raw)
    if not isinstance(header, dict) or header.keys() != _MEMBERS or header["format"] != "beleg/page/v1":
        raise FormatError("a key page header that format 1 does not know")
    count, generation = header["slots"], header["generation"]
    if not _natural(count) or not _natural(generation) or not 0 < count <= 4096 or generation >= 2**32:
        raise FormatError("a key page header with an impossible number")
    if not isinstance(header["class"], str) or not isinstance(header["origin"], str):
        raise FormatError("a key page header that format 1 does not know")
    end = 4 + length + count * SLOT
    if len(data) != end + (count * 32 if generation else 0):
        raise FormatError("a key page whose length does not fit its slots")
    return Page(
        id=PageId(header["origin"], unhex(header["batch"], 16), header["class"], generation),
        wraps=_parse_wraps(header["wraps"]),
        header_sha256=sha256(raw).digest(),
        slots=[data[at : at + SLOT] for at in range(4 + length, end, SLOT)],
        listed=[data[at : at + 32] for at in range(end, len(data), 32)] if generation else None,
    )


def _natural(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _parse_wraps(value: Any) -> dict[str, bytes]:
    wraps: dict[str, bytes] = {}
    if not isinstance(value, list):
        raise FormatError("a key page header without wraps")
    for row in value:
        if not isinstance(row, dict) or row.keys() != {"recipient", "wrap"}:
            raise FormatError("a wrap that format 1 does not know")
        if not all(isinstance(member, str) for member in row.values()):
            raise FormatError("a wrap that format 1 does not know")
        wraps[row["recipient"]] = unb64u(row["wrap"])
    if len(wraps) != len(value) or list(wraps) != sorted(wraps):
        raise FormatError("wraps that are not in order, or twice the same")
    return wraps


def zero_slots(data: bytes, slots: Sequence[int]) -> bytes:
    """Give the page with these slots destroyed, everything else unchanged."""
    page = parse_page(data)
    start = 4 + int.from_bytes(data[:4], "big")
    changed = bytearray(data)
    for slot in slots:
        if not 0 <= slot < len(page.slots):
            raise FormatError("a slot that the page does not have")
        changed[start + slot * SLOT : start + (slot + 1) * SLOT] = ZERO_SLOT
    return bytes(changed)
