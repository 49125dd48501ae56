"""Key pages: one per segment, a slot per encrypted record, page keys wrapped to recipients (FORMAT.md §8)."""

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
MAX_PAGE_HEADER = 65_536

_SLOT_LABEL = label("beleg/slot/v1")
_PAGE_KEY_LABEL = label("beleg/page-key/v1")
_SUITES = {
    "x25519": Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM),
    "mlkem768_x25519": Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM),
}


def slot_hash(slot: bytes) -> bytes:
    """Give the hash under which a segment lists a slot."""
    return sha256(b"\5" + slot).digest()


def _wrap_info(origin: str, batch: bytes, generation: int, record_class: str, recipient: str) -> bytes:
    head = _PAGE_KEY_LABEL + label(origin) + batch + generation.to_bytes(4, "big")
    return head + label(record_class) + bytes.fromhex(recipient)


def _slot_aad(origin: str, batch: bytes, generation: int) -> bytes:
    return _SLOT_LABEL + label(origin) + batch + generation.to_bytes(4, "big")


def seal_page(
    *,
    origin: str,
    batch: bytes,
    kem: str,
    generation: int = 0,
    recipients: Mapping[str, Sequence[Recipient]],
    page_keys: Mapping[str, bytes],
    records: Sequence[tuple[str, bytes]],
) -> tuple[bytes, list[bytes]]:
    """Make a key page.

    Args:
        origin: the archive's origin.
        batch: 16 random bytes that name the page.
        kem: the KEM of the wraps.
        generation: 0 for a new page, one more at each re-encryption.
        recipients: class → the recipients that count for it.
        page_keys: class → 32 random bytes, for each class in ``records``.
        records: (class, record key) in slot order.

    Returns:
        (the page, the slot hashes)
    """
    wraps = [
        {
            "class": record_class,
            "recipient": recipient.id,
            "wrap": b64u(
                _SUITES[recipient.algorithm].encrypt(
                    page_key,
                    recipient.public_key(),
                    _wrap_info(origin, batch, generation, record_class, recipient.id),
                )
            ),
        }
        for record_class, page_key in sorted(page_keys.items())
        for recipient in sorted(recipients[record_class], key=lambda recipient: recipient.id)
    ]
    header = encode(
        {
            "batch": batch.hex(),
            "format": "beleg/page/v1",
            "generation": generation,
            "kem": kem,
            "origin": origin,
            "slots": len(records),
            "wraps": wraps,
        }
    )
    if len(header) > MAX_PAGE_HEADER:
        raise FormatError("a page header of more than 64 KiB: too many recipients")
    ciphers = {record_class: AESGCM(page_key) for record_class, page_key in page_keys.items()}
    aad = _slot_aad(origin, batch, generation)
    slots = [
        ciphers[record_class].encrypt(number.to_bytes(12, "big"), key, aad + number.to_bytes(4, "big"))
        for number, (record_class, key) in enumerate(records)
    ]
    hashes = [slot_hash(slot) for slot in slots]
    tail = hashes if generation else []
    return b"".join([len(header).to_bytes(4, "big"), header, *slots, *tail]), hashes


@dataclass(frozen=True, slots=True)
class Page:
    """A key page taken apart; judged against the segment header by the caller."""

    origin: str
    batch: bytes
    kem: str
    generation: int
    wraps: Mapping[tuple[str, str], bytes]
    """(class, recipient id) → wrapped page key."""
    header_sha256: bytes
    slots: Sequence[bytes]
    listed: Sequence[bytes] | None
    """The slot hashes that a page of generation > 0 carries itself."""

    def page_key(self, record_class: str, private: PrivateRecipient) -> bytes:
        """Unwrap the page key of a class.

        Raises:
            FormatError: the page has no wrap for this recipient, or it does not open.
        """
        wrap = self.wraps.get((record_class, private.id))
        if wrap is None:
            raise FormatError(f"a key page that is not wrapped to recipient {private.id}")
        info = _wrap_info(self.origin, self.batch, self.generation, record_class, private.id)
        try:
            key = _SUITES[private.algorithm].decrypt(wrap, private.private_key(), info)
        except InvalidTag as error:
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
        aad = _slot_aad(self.origin, self.batch, self.generation) + slot.to_bytes(4, "big")
        try:
            return AESGCM(page_key).decrypt(slot.to_bytes(12, "big"), sealed, aad)
        except InvalidTag as error:
            raise FormatError("a key slot that its page key does not open") from error


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
    members = {"batch", "format", "generation", "kem", "origin", "slots", "wraps"}
    if not isinstance(header, dict) or header.keys() != members or header["format"] != "beleg/page/v1":
        raise FormatError("a key page header that format 1 does not know")
    count, generation = header["slots"], header["generation"]
    if not _natural(count) or not _natural(generation) or count > 4096 or generation >= 2**32:
        raise FormatError("a key page header with an impossible number")
    if header["kem"] not in _SUITES or not isinstance(header["origin"], str):
        raise FormatError("a key page header that format 1 does not know")
    end = 4 + length + count * SLOT
    if len(data) != end + (count * 32 if generation else 0):
        raise FormatError("a key page whose length does not fit its slots")
    listed = [data[at : at + 32] for at in range(end, len(data), 32)] if generation else None
    return Page(
        origin=header["origin"],
        batch=unhex(header["batch"], 16),
        kem=header["kem"],
        generation=generation,
        wraps=_parse_wraps(header["wraps"]),
        header_sha256=sha256(raw).digest(),
        slots=[data[at : at + SLOT] for at in range(4 + length, end, SLOT)],
        listed=listed,
    )


def _natural(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _parse_wraps(value: Any) -> dict[tuple[str, str], bytes]:
    wraps: dict[tuple[str, str], bytes] = {}
    if not isinstance(value, list):
        raise FormatError("a key page header without wraps")
    for row in value:
        if not isinstance(row, dict) or row.keys() != {"class", "recipient", "wrap"}:
            raise FormatError("a wrap that format 1 does not know")
        if not all(isinstance(member, str) for member in row.values()):
            raise FormatError("a wrap that format 1 does not know")
        wraps[row["class"], row["recipient"]] = unb64u(row["wrap"])
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
