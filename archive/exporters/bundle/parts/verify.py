#!/usr/bin/env python3
"""Check an evidence bundle. One file; needs Python 3.11 and the package "cryptography", nothing of ours.

    python verify.py [FOLDER or PROOF] [--log-key KEY] [--head FILE ...] [--no-time]

It reads, never writes, and opens no connection. Exit code 0: intact; 3: findings; 4: could not tell, or
time not fully checked; 2: wrong use. What every byte means stands in VERIFY.txt.
"""

import argparse
import base64
import hashlib
import json
import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

try:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
    from cryptography.hazmat.primitives.serialization import Encoding
except ImportError:
    sys.exit('verify.py needs the Python package "cryptography": python -m pip install cryptography')

FACETS = (
    "what", "time", "author", "recipients", "targets", "title",
    "text", "body", "attachments", "reactions", "extra", "raw",
)  # fmt: skip
ROLES = {  # class → kind → roles whose writers may seal it (FORMAT 1, section 5)
    "clear": {
        "genesis": "owner", "keys": "owner recovery", "recovered": "owner recovery", "anchor": "ingest",
        "restored": "owner recovery", "disowned": "owner recovery", "renewal": "ingest", "erased": "privacy",
        "stream_ends": "ingest", "erase": "legal", "resealed": "ingest legal recovery",
        "orphan": "owner ingest legal privacy recovery",
    },
    "state": dict.fromkeys(("secret", "seen", "cursor"), "ingest"),
    "oversight": {
        "hold": "legal", "production": "legal", "run": "ingest", "read": "owner ingest legal privacy",
        "request": "legal privacy", "plan": "legal privacy", "approval": "owner legal privacy",
        "policy": "owner", "person": "owner",
    },
    "matter": dict.fromkeys(("matter", "selection", "party", "decision", "note", "certificate"), "legal"),
    "content": dict.fromkeys(("item", "account", "thread", "capture", "sighting"), "ingest"),
}  # fmt: skip
LEAF = [
    "class", "commitment", "frame_length", "frame_sha256", "index", "kind",
    "previous", "segment", "stream", "stream_position", "time", "version",
]  # fmt: skip
PROOF = ["checkpoint", "format", "records", "segments"]
RECORD = ["facets", "frame", "index", "leaf", "path", "segment", "why"]
HEADER = ["origin", "writer", "batch", "first", "count", "time", "previous", "last", "index", "page", "slots"]
PURPOSES = {
    "writer": {"owner", "ingest", "legal", "privacy", "recovery"},
    "log": {"log"},
    "recipient": {"ingest", "content", "oversight", "auditor", "recovery"},
}
LENGTHS = {"ed25519": 32, "ecdsa_p256": 65, "x25519": 32, "p256": 65, "mlkem768_x25519": 1216}
SIGNING, KEMS = {"ed25519", "ecdsa_p256"}, {"x25519", "p256", "mlkem768_x25519"}
NUMBER = re.compile(r"0|[1-9][0-9]{0,15}")
MAX_LINE, MAX_SMALL, MAX_LIST, MAX_FILES = 1 << 26, 1 << 20, 1 << 28, 2_000_000
P256 = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
P = 2**255 - 19
ORDER_8 = 2707385501144840649318225287225658788936804267575313519463743609750303402022
SMALL_ORDER = {0, 1, P - 1, ORDER_8, P - ORDER_8}


class Bad(Exception):
    """Something is not as it must be; the text says what."""


WRONG = (Bad, ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError, RecursionError)
findings, unknown, notes = [], [], []


def plain(text):
    """Make text safe to print: what does not print is shown as an escape."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "replace").decode() for c in str(text)
    )[:600]


def say(to, text):
    to.append(plain(text))


def why(error):
    return str(error) if isinstance(error, Bad) else f"malformed ({type(error).__name__})"


def need(condition, text):
    if not condition:
        raise Bad(text)


def sha(data):
    return hashlib.sha256(data).digest()


def b64u(text, length=None):
    need(isinstance(text, str) and re.fullmatch(r"[A-Za-z0-9_-]*", text), "not base64url")
    data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    need(base64.urlsafe_b64encode(data).rstrip(b"=").decode() == text, "base64url with bits too many")
    need(length is None or len(data) == length, "base64url of the wrong length")
    return data


def unhex(text, length):
    need(isinstance(text, str) and re.fullmatch(r"[0-9a-f]*", text) and len(text) == 2 * length, "not hex")
    return bytes.fromhex(text)


def whole_number(value, limit=2**53):
    need(type(value) is int and 0 <= value < limit, "a number out of range")
    return value


def _pairs(pairs):
    value = dict(pairs)
    need(len(value) == len(pairs), "a name that occurs twice")
    need(all(re.fullmatch(r"[a-z][a-z0-9_]{0,63}", name) for name in value), "a name of another form")
    return value


def _no_float(_):
    raise Bad("a number that is not an integer")


def canonical(data, in_bag=False):
    """Decode JSON that is canonical (RFC 8785, integers only); with in_bag, "<" stands as an escape."""
    text = data.decode("utf-8")
    value = json.loads(text, object_pairs_hook=_pairs, parse_float=_no_float, parse_constant=_no_float)
    again = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    need((again.replace("<", "\\u003c") if in_bag else again) == text, "JSON that is not canonical")
    return value


def members(value, names):
    need(isinstance(value, dict) and sorted(value) == sorted(names), "other members than it must have")
    return value


# ---- signed notes (C2SP) and keys


def parse_note(data):
    """Give text and signature lines (name, key id, signature)."""
    need(len(data) <= 65536, "a signed note that is too long")
    text = data.decode("utf-8")
    need(not re.search(r"[\x00-\x09\x0b-\x1f]", text), "a signed note with control characters")
    body, separator, tail = text.rpartition("\n\n")
    need(separator and tail.endswith("\n"), "a note without signature")
    lines = []
    for line in tail[:-1].split("\n"):
        match = re.fullmatch("— ([^ +\n]+) ([A-Za-z0-9+/]+=*)", line)
        need(match, "a malformed signature line")
        raw = base64.b64decode(match[2], validate=True)
        need(base64.b64encode(raw).decode() == match[2] and len(raw) > 4, "a malformed signature line")
        lines.append((match[1], raw[:4], raw[4:]))
    return body + "\n", lines


def key_id(name, public):
    return sha(P256 + public if len(public) == 65 else name.encode() + b"\n\x01" + public)[:4]


def signed(note, name, public):
    """Say whether a note bears a signature of this key; a bad one under its name and id is an error."""
    text, lines = note
    mine = [line[2] for line in lines if line[:2] == (name, key_id(name, public))]
    for signature in mine:
        try:
            if len(public) == 65:
                need(encode_dss_signature(*decode_dss_signature(signature)) == signature, "not strict DER")
                key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
                key.verify(signature, text.encode(), ec.ECDSA(hashes.SHA256()))
            else:
                Ed25519PublicKey.from_public_bytes(public).verify(signature, text.encode())
        except InvalidSignature:
            raise Bad(f"the signature of {name} does not hold") from None
    return bool(mine)


def verifier_key(name, public):
    encoded = base64.b64encode(b"\x02" + P256 + public if len(public) == 65 else b"\x01" + public).decode()
    return f"{name}+{key_id(name, public).hex()}+{encoded}"


class Keys:
    """The keys that the ledger registered, folded in the order of records (FORMAT 1, section 6)."""

    def __init__(self):
        self.keys = {}

    def fold(self, body, index, first, end):
        """Apply a keys record: all of it or nothing."""
        changes = members(body, ["changes"])["changes"]
        need(isinstance(changes, list) and 0 < len(changes) <= 4096, "a list of changes of impossible length")
        keys = {identifier: dict(key) for identifier, key in self.keys.items()}
        for change in changes:
            members(change, ["action", "algorithm", "epoch", "id", "public", "purpose", "role"])
            self._change(keys, change, index, first, end)
        left = {(key["purpose"], key["role"]) for key in keys.values() if key["end"] is None}
        need(left & {("writer", "owner"), ("writer", "recovery")}, "no owner and no recovery writer is left")
        for needed in [("log", "log")] + [("recipient", role) for role in ("ingest", "content", "oversight")]:
            need(needed in left, f"no {needed[1]} key is left")
        self.keys = keys

    @staticmethod
    def _change(keys, change, index, first, end):
        purpose, algorithm, role, epoch = (change[name] for name in ("purpose", "algorithm", "role", "epoch"))
        need(purpose in PURPOSES and role in PURPOSES[purpose], "a role that does not fit its purpose")
        public = unhex(change["public"], len(change["public"]) // 2)
        whole_number(epoch)
        if algorithm in LENGTHS:
            fits = algorithm in (KEMS if purpose == "recipient" else SIGNING)
            need(fits and len(public) == LENGTHS[algorithm], "a key whose algorithm or length does not fit")
        if algorithm == "ed25519":
            y = int.from_bytes(public, "little") & (2**255 - 1)
            need(y < P and y not in SMALL_ORDER, "a key of small order or not canonical")
        text = f"beleg/{purpose}/v1\0{algorithm}\0".encode("ascii")
        identifier = sha(text + public)[:16].hex()
        need(identifier == change["id"], "a key whose id does not fit")
        known = keys.get(identifier)
        if change["action"] == "add":
            need(all(key["public"] != public for key in keys.values()), "a key that was registered before")
            same = [key["epoch"] for key in keys.values() if (key["purpose"], key["role"]) == (purpose, role)]
            need(epoch >= max(same, default=0) if purpose == "recipient" else epoch == 0, "a wrong epoch")
            keys[identifier] = {
                "purpose": purpose, "role": role, "algorithm": algorithm, "public": public, "epoch": epoch,
                "added": index, "start": 0 if first == 0 else end, "retired": None, "end": None,
            }  # fmt: skip
        else:
            need(change["action"] == "retire", "a change that is neither add nor retire")
            need(known and known["end"] is None and known["added"] < first, "retires what does not count")
            need((known["role"], known["epoch"]) == (role, epoch), "retires a key under another description")
            known.update(retired=index, end=end)

    def writer(self, identifier, first):
        """Give the writer key of this id if it counts for a segment that begins at ``first``."""
        key = self.keys.get(identifier)
        if not key or key["purpose"] != "writer" or key["start"] > first:
            return None
        return key if key["retired"] is None or first <= key["retired"] else None

    def logs(self, size):
        """Give the log keys that count for a checkpoint of this size."""
        logs = [key for key in self.keys.values() if key["purpose"] == "log" and key["added"] < size]
        return [key for key in logs if key["end"] is None or size <= key["end"]]


# ---- the tree (RFC 6962)


def root_of(leaf_hash, index, size, path):
    """Compute the root that an inclusion path leads to (RFC 9162, section 2.1.3.2)."""
    need(0 <= index < size, "a record that lies beyond the checkpoint")
    node, last, root = index, size - 1, leaf_hash
    for sibling in path:
        need(last > 0, "an inclusion proof that is too long")
        if node & 1 or node == last:
            root = sha(b"\1" + sibling + root)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            root = sha(b"\1" + root + sibling)
        node, last = node >> 1, last >> 1
    need(last == 0, "an inclusion proof that is too short")
    return root


def read_checkpoint(data):
    note = parse_note(data)
    lines = note[0].split("\n")
    need(len(lines) == 4 and not lines[3] and NUMBER.fullmatch(lines[1]), "not a checkpoint")
    root = base64.b64decode(lines[2], validate=True)
    need(len(root) == 32 and base64.b64encode(root).decode() == lines[2], "a malformed root")
    return {"note": note, "origin": lines[0], "size": int(lines[1]), "root": root}


def consistent(old, new, old_root, new_root, path):
    """Say whether the tree of ``old`` records is a prefix of that of ``new`` (RFC 9162, section 2.1.4.2)."""
    if old == new or not 0 < old < new or not path:
        return old == new and old_root == new_root and not path
    nodes = [old_root, *path] if old & (old - 1) == 0 else list(path)
    first, last = old - 1, new - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    left = right = nodes[0]
    for sibling in nodes[1:]:
        need(last > 0, "a consistency proof that is too long")
        if first & 1 or first == last:
            left, right = sha(b"\1" + sibling + left), sha(b"\1" + sibling + right)
            while first and not first & 1:
                first, last = first >> 1, last >> 1
        else:
            right = sha(b"\1" + right + sibling)
        first, last = first >> 1, last >> 1
    return last == 0 and left == old_root and right == new_root


# ---- time-stamp tokens (RFC 3161): imprint, nonce, time, signature; the chain is for openssl

DIGESTS = {
    "608648016503040201": hashes.SHA256,
    "608648016503040202": hashes.SHA384,
    "608648016503040203": hashes.SHA512,
}
EC_DIGESTS = {
    "2a8648ce3d040302": hashes.SHA256,
    "2a8648ce3d040303": hashes.SHA384,
    "2a8648ce3d040304": hashes.SHA512,
}
RSA_DIGESTS = {
    "2a864886f70d01010b": hashes.SHA256,
    "2a864886f70d01010c": hashes.SHA384,
    "2a864886f70d01010d": hashes.SHA512,
}
NO_TOKEN = (*WRONG, InvalidSignature, UnsupportedAlgorithm, x509.ExtensionNotFound, StopIteration)
SEAL = "signatures/statement.p7s"
MESSAGE_DIGEST, CERTIFICATE_V2, TST_INFO = (
    "2a864886f70d010904",
    "2a864886f70d010910022f",
    "2a864886f70d0109100104",
)


def der(data):
    """Take DER apart: a list of (tag, content, whole)."""
    found, at = [], 0
    while at < len(data):
        tag, length, start = data[at], data[at + 1], at + 2
        if length & 128:
            start, length = (
                start + (length & 127),
                int.from_bytes(data[start : start + (length & 127)], "big"),
            )
        need(start + length <= len(data) and tag & 31 != 31, "DER that does not fit its length")
        found.append((tag, data[start : start + length], data[at : start + length]))
        at = start + length
    return found


def digest(kind, data):
    value = hashes.Hash(kind())
    value.update(data)
    return value.finalize()


def kind_of(algorithm):
    return DIGESTS[der(algorithm)[0][1].hex()]


def check_token(token, note, request):
    """Check a token over a note, but for the chain of its authority; give (time, authority)."""
    signed_data = der(der(der(der(token)[0][1])[1][1])[0][1])
    content = der(signed_data[2][1])
    need(content[0][1].hex() == TST_INFO, "no time-stamp token")
    info = der(content[1][1])[0][1]
    fields = der(der(info)[0][1])
    imprint = der(fields[2][1])
    need(imprint[1][1] == digest(kind_of(imprint[0][1]), note), "a token over another checkpoint")
    time = datetime.strptime(fields[4][1].decode()[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    if request is not None:
        nonce = [value for tag, value, _ in der(der(request)[0][1]) if tag == 2][1:]
        need(nonce == [value for tag, value, _ in fields[5:] if tag == 2][:1], "a token for another nonce")
    certificate = check_signer(signed_data, info)
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    need(
        usage.critical and list(usage.value) == [x509.ExtendedKeyUsageOID.TIME_STAMPING],
        "no authority's certificate",
    )
    need(
        certificate.not_valid_before_utc <= time <= certificate.not_valid_after_utc,
        "signed with a certificate that had ended",
    )
    return time, certificate.subject.rfc4514_string()


def check_signer(signed_data, data):
    """Check the one signature of a CMS over data, but for the chain; give the certificate."""
    signer = der(der(signed_data[-1][1])[0][1])
    certificates = [x509.load_der_x509_certificate(whole) for _, _, whole in der(signed_data[3][1])]
    issuer, serial = der(signer[1][1])[0][2], int.from_bytes(der(signer[1][1])[1][1], "big")
    mine = [c for c in certificates if c.serial_number == serial and c.issuer.public_bytes() == issuer]
    need(mine, "a signature without its signer's certificate")
    kind = kind_of(signer[2][1])
    attributes = {der(one)[0][1].hex(): der(der(one)[1][1])[0] for _, one, _ in der(signer[3][1])}
    need(attributes[MESSAGE_DIGEST][1] == digest(kind, data), "a signature over other bytes")
    if CERTIFICATE_V2 in attributes:
        first = der(der(der(attributes[CERTIFICATE_V2][1])[0][1])[0][1])
        named = DIGESTS[der(first[0][1])[0][1].hex()] if first[0][0] == 48 else hashes.SHA256
        held = next(value for tag, value, _ in first if tag == 4)
        need(held == digest(named, mine[0].public_bytes(Encoding.DER)), "signed for another certificate")
    algorithm, key = der(signer[4][1])[0][1].hex(), mine[0].public_key()
    text = b"\x31" + signer[3][2][1:]
    if isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signer[5][1], text, ec.ECDSA(EC_DIGESTS.get(algorithm, kind)()))
    else:
        need(isinstance(key, rsa.RSAPublicKey), "an algorithm that this program does not check")
        key.verify(signer[5][1], text, padding.PKCS1v15(), RSA_DIGESTS.get(algorithm, kind)())
    return mine[0]


# ---- files


def read(folder, path, limit=MAX_SMALL):
    with (folder / path).open("rb") as stream:
        data = stream.read(limit + 1)
    need(len(data) <= limit, f"{path} is longer than {limit} bytes")
    return data


def walk(folder):
    """Give path → digest of every file; anything that is no plain file or folder is a finding."""
    digests, todo = {}, [""]
    while todo:
        below = todo.pop()
        entries = sorted(os.scandir(folder / below), key=lambda entry: entry.name)
        if not entries:
            say(findings, f"{below or 'the folder'}: an empty folder that does not belong here")
        for entry in entries:
            path = f"{below}/{entry.name}" if below else entry.name
            if entry.is_symlink() or not (entry.is_dir(follow_symlinks=False) or entry.is_file()):
                say(findings, f"{path}: a link or device, which does not belong here")
            elif entry.is_dir(follow_symlinks=False):
                todo.append(path)
            else:
                with Path(entry.path).open("rb") as stream:
                    digests[path] = hashlib.file_digest(stream, "sha256").hexdigest()
                need(len(digests) <= MAX_FILES, "more files than this program reads")
    return digests


def manifest(folder, path, pattern):
    """Read a BagIt manifest strictly: path → digest, sorted, none twice."""
    data = read(folder, path, MAX_LIST)
    listed, before = {}, ""
    need(data.endswith(b"\n"), f"{path}: does not end with a line")
    for line in data.decode("ascii")[:-1].split("\n"):
        match = re.fullmatch(r"([0-9a-f]{64})  (" + pattern + ")", line)
        need(match and match[2] > before and ".." not in line, f"{path}: a malformed line, or out of order")
        before = match[2]
        listed["bag/" + match[2]] = match[1]
    return listed


def compare(listed, digests, source):
    for path, digest in listed.items():
        if path not in digests:
            say(findings, f"{path}: missing, though {source} lists it")
        elif digests[path] != digest:
            say(findings, f"{path}: altered; its SHA-256 is not the one in {source}")


# ---- records


class Records:
    """Everything that the records say, checked one after the other."""

    def __init__(self, checkpoint, headers, files):
        self.checkpoint, self.headers, self.files, self.keys = checkpoint, headers, files, Keys()
        self.origin = checkpoint["origin"]
        self.kinds, self.streams, self.counts, self.originals = {}, {}, {}, set()
        self.before, self.before_hash, self.withheld, self.no_key, self.absent = -1, b"", 0, 0, 0

    def line(self, data):
        """Check a record; give its index for the finding if it is bad."""
        record = members(canonical(data, in_bag=True), RECORD)
        index = whole_number(record["index"])
        try:
            self._record(record, index)
        except WRONG as error:
            say(findings, f"record {index}: {why(error)}")
        self.before = max(index, self.before)

    def _record(self, record, index):
        raw = record["leaf"].encode("ascii")
        need(len(raw) <= 512, "a leaf that is too long")
        leaf, leaf_hash = canonical(raw), sha(b"\0" + raw)
        chained, self.before_hash = self.before_hash, leaf_hash
        path = [b64u(node, 32) for node in record["path"]]
        need(index > self.before, "out of order, or twice")
        root = root_of(leaf_hash, index, self.checkpoint["size"], path)
        need(root == self.checkpoint["root"], "is not in the tree that the checkpoint signs")
        kind, name = leaf.get("kind"), leaf.get("class")
        if leaf.get("version") != 1 or name not in ROLES or kind not in ROLES[name]:
            self.counts["unknown"] = self.counts.get("unknown", 0) + 1
            say(unknown, f"record {index}: a version, class or kind that this program does not know")
            return
        members(leaf, LEAF)
        need(leaf["index"] == index, f"its leaf says {leaf['index']}")
        if index in (0, self.before + 1):
            need(b64u(leaf["previous"], 32) == (chained if index else bytes(32)), "breaks the chain")
        need(record["why"] in ("hit", "context", "parent", "capture", "keys"), "an unknown reason to be here")
        self.counts[record["why"]] = self.counts.get(record["why"], 0) + 1
        self._segment(record, leaf, leaf_hash)
        self._position(leaf, index)
        if name == "clear":
            self._clear(record, leaf, index)
        else:
            self._facets(record, leaf)

    def _segment(self, record, leaf, leaf_hash):
        header, previous = self.headers.get(record["segment"]), b64u(leaf["previous"], 32).hex()
        need(header, "its segment header is not in the bundle or not well formed")
        index, first, count = leaf["index"], header["first"], header["count"]
        need(first <= index < first + count, "lies outside its segment")
        need(
            b64u(leaf["segment"], 32) == header["digest"], "names another writer or key page than its header"
        )
        need(leaf["time"] == header["time"], "has another time than its segment")
        need(leaf["class"] == "clear" or header["batch"] != "none", "encrypted, without a key page")
        need(index != first or previous == header["previous"], "breaks the chain of segments")
        need(
            index - first + 1 != count or leaf_hash.hex() == header["last"], "is not the last of its segment"
        )
        self.kinds.setdefault(first, {}).setdefault((leaf["class"], leaf["kind"]), index)

    def _position(self, leaf, index):
        b64u(leaf["stream"], 16)
        position = whole_number(leaf["stream_position"])
        seen = self.streams.setdefault(leaf["stream"], [leaf["class"], position, position - 1, 0, index - 1])
        due = seen[2] + 1
        fits = position >= due and position - due <= index - seen[4] - 1 and position <= index
        need(fits, "has an impossible position in its stream")
        seen[3] += position - due
        seen[2], seen[4] = position, index

    def _clear(self, record, leaf, index):
        need(leaf["commitment"] is None and record["facets"] is None, "a clear record with facets")
        frame = b64u(record["frame"])
        need(sha(frame) == b64u(leaf["frame_sha256"], 32), "its frame is not the one that its leaf names")
        need(len(frame) == leaf["frame_length"] and frame[:2] == b"\0\0", "a malformed frame")
        body = canonical(frame[2:])
        need((leaf["kind"] == "genesis") == (index == 0), "a founding that is not the first record")
        if index == 0:
            need(body == {"format": 1, "origin": self.origin}, "the founding of another archive")
        if leaf["kind"] == "keys":
            header = self.headers[record["segment"]]
            self.keys.fold(body, index, header["first"], header["first"] + header["count"])

    def _facets(self, record, leaf):
        need(record["frame"] is None, "an encrypted record with a clear frame")
        committed = b64u(leaf["commitment"], 32)
        b64u(leaf["frame_sha256"], 32)
        if record["facets"] is None:
            self.no_key += 1
            return
        need(isinstance(record["facets"], list) and len(record["facets"]) == 12, "not twelve facets")
        parts, values = [], {}
        for name, facet in zip(FACETS, record["facets"], strict=True):
            if isinstance(facet, str):
                parts.append(b64u(facet, 32))
                continue
            salt, line = facet
            parts.append(sha(b"\2" + b64u(salt, 32) + line.encode()))
            values[name] = line
        need(sha(b"\3" + b"".join(parts)) == committed, "its content is not what its leaf commits to")
        self.withheld += len(values) < 12
        for name, line in values.items():
            pair = canonical(line.encode())
            need(isinstance(pair, list) and len(pair) == 2 and pair[0] == name, f"a facet that is not {name}")
            values[name] = pair[1]
        self._content(values, leaf["kind"])

    def _content(self, values, kind):
        what, extra, raw = values.get("what"), values.get("extra"), values.get("raw")
        need(what is None or what["kind"] == kind, "its content says another kind than its leaf")
        for place in overflows(list(values.values())):
            self._original(place)
        if what and what.get("body") == "capture" and extra and extra["kept"] == "whole":
            self._original(extra)
        if raw and "sha256" in raw:
            piece = raw["slice"]
            (form, text), *_ = piece.items()
            if form == "overflow":
                need(text["sha256"] == raw["sha256"], "a slice that is not the one it names")
            else:
                data = text.encode() if form == "utf8" else base64.b64decode(text, validate=True)
                need(sha(data).hex() == raw["sha256"], "a slice that is not the one it names")

    def _original(self, place):
        unhex(place["sha256"], 32)
        self.originals.add(place["sha256"])
        here = self.files.get(place["sha256"])
        self.absent += here is None
        need(here is None or here[1] == place["length"], "a file of another length than its record says")


def overflows(value):
    if isinstance(value, dict):
        if list(value) == ["overflow"]:
            yield value["overflow"]
        else:
            yield from overflows(list(value.values()))
    elif isinstance(value, list):
        for member in value:
            yield from overflows(member)


def read_headers(lines):
    """Read the segment headers: first index → fields, note and digest."""
    headers, before = {}, None
    for number, data in enumerate(lines):
        try:
            value = members(canonical(data, in_bag=True), ["first", "note"])
            note = parse_note(value["note"].encode())
            lines = note[0].split("\n")
            need((lines[0], len(lines), len(note[1])) == ("beleg/segment/v1", 13, 1), "not a segment header")
            fields = dict(line.split(" ", 1) for line in lines[1:-1])
            need(list(fields) == HEADER, "other lines than a segment header has")
            for name in ("first", "count", "time"):
                need(NUMBER.fullmatch(fields[name]), "a malformed number")
                fields[name] = int(fields[name])
            first, count = fields["first"], fields["count"]
            need(first == value["first"] and 1 <= count <= 4096 and first < 2**53, "an impossible range")
            ids = (("writer", 16), ("batch", 16), ("page", 32), ("slots", 32))
            parts = [bytes(n) if fields[k] == "none" else unhex(fields[k], n) for k, n in ids]
            need(len({fields[k] == "none" for k in ("batch", "page", "slots")}) == 1, "half a key page")
            parts += [first.to_bytes(8, "big"), count.to_bytes(4, "big")]
            need(before is None or first >= before["first"] + before["count"], "segments that overlap")
            joins = before is None or first > before["first"] + before["count"]
            need(joins or fields["previous"] == before["last"], "segments that do not follow each other")
            before = headers[first] = fields | {"note": note, "digest": sha(b"\6" + b"".join(parts))}
        except WRONG as error:
            say(findings, f"segments.jsonl, line {number + 1}: {why(error)}")
    return headers


def lines_of(folder, path):
    with (folder / path).open("rb") as stream:
        while data := stream.readline(MAX_LINE + 1):
            need(data.endswith(b"\n") and len(data) <= MAX_LINE, f"{path}: a line too long")
            yield data[:-1]


# ---- judgements that need the folded keys


def check_writers(records, origin):
    for first, kinds in records.kinds.items():
        header, index = records.headers[first], min(kinds.values())
        try:
            need(header["origin"] == origin, "a segment of another archive")
            key = records.keys.writer(header["writer"], first)
            need(key, f"writer {header['writer']} does not count for this segment")
            if key["algorithm"] != "ed25519":
                say(unknown, f"record {index}: signed with {key['algorithm']}, unknown here")
                continue
            signer = f"{origin}/writer/{header['writer']}"
            need(signed(header["note"], signer, key["public"]), "no signature of its writer")
            for (name, kind), at in kinds.items():
                if key["role"] not in ROLES[name][kind].split():
                    say(findings, f"record {at}: the role {key['role']} may not write {kind}")
        except WRONG as error:
            say(findings, f"record {index}: segment header: {why(error)}")


def check_log(records, checkpoint, given):
    """Check the checkpoint's signature; give the verifier keys that signed it."""
    good = []
    for key in records.keys.logs(checkpoint["size"]):
        if key["algorithm"] not in SIGNING:
            say(unknown, f"a log key of the algorithm {key['algorithm']}, which this program does not check")
        elif signed(checkpoint["note"], checkpoint["origin"], key["public"]):
            good.append(verifier_key(checkpoint["origin"], key["public"]))
    need(good or unknown, "no log key that counts signed the checkpoint")
    need(given is None or given in good, "the checkpoint is not signed by the key given with --log-key")
    return good


def check_statement(folder, name, records, checkpoint):
    """Check a statement and its signature by a legal writer; give what it says."""
    data = read(folder, f"signatures/{name}.json", MAX_LIST)
    value = canonical(data, in_bag=name == "production")
    need(value["origin"] == checkpoint["origin"], f"{name}.json: of another archive")
    note = parse_note(read(folder, f"signatures/{name}.sig"))
    text = f"beleg/statement/v1\n{value['origin']}\n{sha(data).hex()}\n"
    need(note[0] == text and len(note[1]) == 1, f"{name}.sig: signs something else than {name}.json")
    key = records.keys.writer(value["writer"], checkpoint["size"])
    need(key and key["role"] == "legal", f"{name}.json: its writer is not a registered legal writer")
    need(key["algorithm"] == "ed25519", f"{name}.sig: an algorithm that this program does not check")
    signer = f"{value['origin']}/writer/{value['writer']}"
    need(signed(note, signer, key["public"]), f"{name}.sig: another key")
    return value


def check_head(file, checkpoint, records):
    """Compare with a head that was kept outside."""
    head = read_checkpoint(read(Path(), file, 65536))
    need(head["origin"] == checkpoint["origin"], f"{file}: a head of another archive")
    logs = [key for key in records.keys.logs(head["size"]) if key["algorithm"] in SIGNING]
    good = [signed(head["note"], head["origin"], key["public"]) for key in logs]
    need(any(good), f"{file}: no log key signed it")
    if head["size"] != checkpoint["size"]:
        say(unknown, f"{file}: of size {head['size']}; only the whole archive can be held against it")
    else:
        need(head["root"] == checkpoint["root"], f"{file}: same size, another root: the archive was forked")
        say(notes, f"The head in {file} is the head of this bundle.")


def check_tokens(folder, checkpoint, no_time):
    """Check the tokens of the bundle, and that each stamps a prefix of its tree."""
    value = canonical(read(folder, "signatures/tokens.json", MAX_LIST), in_bag=True)
    need(members(value, ["format", "tokens"])["format"] == "beleg/tokens/v1", "tokens.json: another format")
    for row in value["tokens"]:
        members(row, ["consistency", "frame", "index", "leaf", "name", "path"])
        name, index, raw = str(row["name"]), whole_number(row["index"]), row["leaf"].encode("ascii")
        need(re.fullmatch(r"[0-9]{4}", name), "tokens.json: a malformed name")
        place = f"signatures/tokens/{name}"
        token, note = read(folder, place + ".tst"), read(folder, place + ".note", 65536)
        request = read(folder, place + ".tsq") if (folder / (place + ".tsq")).exists() else None
        try:
            root = root_of(
                sha(b"\0" + raw), index, checkpoint["size"], [b64u(one, 32) for one in row["path"]]
            )
            need(root == checkpoint["root"], "its entry is not in the tree that the checkpoint signs")
            leaf, frame = canonical(raw), b64u(row["frame"])
            need((leaf["kind"], leaf["index"]) == ("anchor", index), "its entry is no anchor")
            need(
                sha(frame) == b64u(leaf["frame_sha256"], 32),
                "its entry's frame is not the one its leaf names",
            )
            body = members(canonical(frame[2:]), ["authority", "checkpoint", "evidence", "size", "token"])
            need(
                body["checkpoint"] == sha(note).hex() and body["token"] == sha(token).hex(),
                "not what its entry names",
            )
            stamped, path = read_checkpoint(note), [b64u(one, 32) for one in row["consistency"]]
            need(
                stamped["origin"] == checkpoint["origin"] and stamped["size"] == body["size"],
                "of another archive",
            )
            same = consistent(stamped["size"], checkpoint["size"], stamped["root"], checkpoint["root"], path)
            need(same, "stamps another history than the checkpoint of this bundle")
            time, authority = check_token(token, note, request)
        except NO_TOKEN as error:
            say(findings, f"{place}.tst: {why(error)}")
            continue
        said = f"{time:%Y-%m-%d %H:%M:%S} UTC by {authority}"
        say(
            notes,
            f"Time        records below {stamped['size']} were sealed before, those after {index} after {said}",
        )
        say(notes, f"            chain: openssl ts -verify -token_in -in {place}.tst -data {place}.note "
            f"-attime {int(time.timestamp())} -CAfile ROOT_OF_THE_AUTHORITY.pem -untrusted {place}.pem")  # fmt: skip
        if not no_time:
            say(
                unknown,
                f"{place}.tst: time not fully checked: run openssl as shown, with the authority's own root",
            )


def check_seal(folder):
    """Check the seal with a certificate (CAdES) over the statement, but for the chain of the certificate."""
    try:
        signed_data = der(der(der(der(read(folder, SEAL))[0][1])[1][1])[0][1])
        certificate = check_signer(signed_data, read(folder, "signatures/statement.json", MAX_LIST))
    except NO_TOKEN as error:
        raise Bad(f"{SEAL}: {why(error)}") from None
    say(notes, f"Seal        by {certificate.subject.rfc4514_string()}; its chain and its time stamp: "
        f"openssl cms -verify -binary -inform DER -in {SEAL} -content signatures/statement.json "
        "-CAfile ROOT.pem -purpose any -out /dev/null")  # fmt: skip


def check_files(folder, digests, statement, production):
    members(statement, ["files", "format", "origin", "production", "writer"])
    need(statement["format"] == "beleg/bundle/v1", "statement.json: another format")
    outside = dict(statement["files"])
    compare(outside, digests, "the signed statement")
    tags = manifest(folder, "bag/tagmanifest-sha256.txt", r"[a-z0-9-]+\.txt")
    compare(tags, digests, "bag/tagmanifest-sha256.txt")
    data = manifest(folder, "bag/manifest-sha256.txt", r"data/[A-Za-z0-9_./-]+")
    compare(data, digests, "bag/manifest-sha256.txt")
    known = outside.keys() | data.keys() | {"signatures/statement.json", "signatures/statement.sig", SEAL}
    for path in digests.keys() - known:
        say(findings, f"{path}: not listed; it does not belong to the bundle")
    for path in ("START_verify.html", "verify.py", "bag/tagmanifest-sha256.txt", "signatures/checkpoint.txt"):
        need(path in outside, f"statement.json: says nothing about {path}")
    need(set(tags) <= outside.keys(), "a tag file that the statement does not list")
    need(production["data_sha256"] == digests.get("bag/manifest-sha256.txt"), "another bag/data")
    need(production["checkpoint_sha256"] == digests.get("signatures/checkpoint.txt"), "another checkpoint")
    need(production["production"] == statement["production"], "two statements about different productions")


def check_originals(records):
    for digest, (path, _) in records.files.items():
        if not path.startswith(f"bag/data/originals/{path.rsplit('/', 1)[1][:2]}/{digest}."):
            say(findings, f"{path}: its name is not its SHA-256")
        elif digest not in records.originals:
            say(findings, f"{path}: no record names it")


def check_proof(file, log_key, heads):
    """Check the proof of one record; give what was shown, for the summary."""
    value = members(canonical(read(Path(), file, MAX_LINE).rstrip(b"\n"), in_bag=True), PROOF)
    need(value["format"] == "beleg/proof/v1", "a proof of another format")
    checkpoint = read_checkpoint(value["checkpoint"].encode())
    records = Records(checkpoint, read_headers(escaped(one) for one in value["segments"]), {})
    for one in value["records"]:
        records.line(escaped(one))
    check_writers(records, checkpoint["origin"])
    good = attempt(check_log, records, checkpoint, log_key) or []
    for head in heads:
        attempt(check_head, head, checkpoint, records)
    say(notes, "Time        NO TIME PROOF in a proof of one record.")
    return records, good, None


def escaped(value):
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").encode()


def check(folder, log_key, heads, no_time):
    """Check the folder; give what was shown, for the summary."""
    if folder.is_file():
        return check_proof(folder, log_key, heads)
    digests = walk(folder)
    originals = {
        digest: (path, (folder / path).stat().st_size)
        for path, digest in digests.items()
        if path.startswith("bag/data/originals/")
    }
    checkpoint = read_checkpoint(read(folder, "signatures/checkpoint.txt"))
    records = Records(checkpoint, read_headers(lines_of(folder, "bag/data/segments.jsonl")), originals)
    files = sorted(path for path in digests if path.startswith("bag/data/records/"))
    for path in files:
        for number, data in enumerate(lines_of(folder, path)):
            try:
                records.line(data)
            except WRONG as error:
                say(findings, f"{path}, line {number + 1}: {why(error)}")
    if set(records.headers) - set(records.kinds):
        say(findings, "segments.jsonl: headers of segments of which no record is shown")
    check_originals(records)
    check_writers(records, checkpoint["origin"])
    good = attempt(check_log, records, checkpoint, log_key) or []
    production = attempt(check_statement, folder, "production", records, checkpoint)
    statement = attempt(check_statement, folder, "statement", records, checkpoint)
    if production and statement:
        attempt(check_files, folder, digests, statement, production)
        attempt(check_production, production, records, good)
    if SEAL in digests:
        attempt(check_seal, folder)
    for head in heads:
        attempt(check_head, head, checkpoint, records)
    if "signatures/tokens.json" in digests:
        attempt(check_tokens, folder, checkpoint, no_time)
    else:
        say(notes, "Time        NO TIME PROOF: no time-stamp token bounds when anything here was sealed.")
    return records, good, production


def check_production(production, records, good):
    checkpoint, counts = records.checkpoint, production["counts"]
    need(production["format"] == "beleg/production/v1", "production.json: another format")
    need(production["size"] == checkpoint["size"], "production.json: another size than the checkpoint's")
    need(
        unhex(production["root"], 32) == checkpoint["root"],
        "production.json: another root than the checkpoint's",
    )
    need(production["log_key"] in good or not good, "production.json: names another log key")
    shown = sum(records.counts.values())
    need(counts["records"] == shown, f"{counts['records']} records were handed out, {shown} are here")


def attempt(function, *arguments):
    try:
        return function(*arguments)
    except WRONG as error:
        say(findings, why(error))
    except OSError as error:
        say(findings, f"{error.filename}: cannot be read ({error.strerror})")
    return None


def report(records, good, production, log_key):
    """Print what was checked, and what this does not show."""
    checkpoint, counts = records.checkpoint, records.counts
    total, keys = sum(counts.values()), counts.get("keys", 0)
    content = [(name, seen) for name, seen in records.streams.items() if seen[0] == "content"]
    lines = [
        f"Archive     {checkpoint['origin']}",
        f"Head        {checkpoint['size']} records, root {checkpoint['root'].hex()}",
        f"Records     {total - keys} handed out, {keys} about keys; {len(records.originals)} files named",
        f"Streams     {len(content)}; numbers not here between the first and the last shown:",
    ]
    if production:
        made = (production["production"], production["matter"], production["created"])
        lines.insert(2, "Production  {} for matter {}, made {} by the maker's clock".format(*made))
    for name, (_, first, last, gaps, _) in content[:1000]:
        lines.append(f"            stream {name}: {gaps} of the numbers {first} to {last}")
    for count, text in (
        (records.withheld, "records with withheld parts"),
        (records.no_key, "records without their content (no key)"),
        (records.absent, "files that records name are not in this bundle"),
    ):
        lines += [f"            {count} {text}"] if count else []
    lines += notes + [f"Log key     {key}" for key in good]
    if not log_key:
        lines.append(
            "            Compare it with the founding slip of the archive, on paper (or give --log-key)."
        )
        lines.append("            Without that, everything here may have been made by anybody.")
    for line in lines:
        print(plain(line))


LIMITS = """Not shown: that the platform sent it, that it is true, who sat at the keyboard; what was never
captured or not handed out; that no entry about keys is left out which retires a key shown; when it was
sealed beyond the operator's clock; that the page or this program in the folder is ours (take your own copy
of verify.py)."""


def arguments():
    """Read the command line; wrong use ends with exit code 2."""
    parser = argparse.ArgumentParser(description="Check an evidence bundle.")
    here = Path(__file__).resolve().parent
    parser.add_argument("folder", nargs="?", type=Path, default=here, help="default: where this file lies")
    parser.add_argument(
        "--key",
        "--log-key",
        dest="log_key",
        metavar="KEY",
        help="the log key on the founding slip, name+id+base64, or a file with the slip",
    )
    parser.add_argument("--head", metavar="FILE", nargs="+", default=[], help="checkpoints kept outside")
    parser.add_argument(
        "--no-time", action="store_true", help="the chain of the authorities is checked elsewhere"
    )
    given = parser.parse_args()
    if not given.folder.exists():
        parser.error(f"{given.folder} is not there")
    if missing := [file for file in given.head if not Path(file).is_file()]:
        parser.error(f"{missing[0]} is not a file")
    if given.log_key and Path(given.log_key).is_file():
        slip = Path(given.log_key).read_bytes()[:65536].decode("utf-8", "replace")
        named = re.search(r"^Log key\s+(\S+)$", slip, re.MULTILINE)
        given.log_key = named[1] if named else slip.strip()
    if given.log_key and not re.fullmatch(r"[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*", given.log_key):
        parser.error("a log key looks like name+id+base64")
    return given


def main():
    given = arguments()
    sys.stdout.reconfigure(errors="backslashreplace")
    try:
        report(*check(given.folder, given.log_key, given.head, given.no_time), given.log_key)
    except WRONG as error:
        say(findings, why(error))
    except FileNotFoundError as error:
        say(findings, f"{error.filename}: missing")
    except OSError as error:
        say(unknown, f"{error.filename}: cannot be read ({error.strerror})")
    except MemoryError:
        say(unknown, "not enough memory")
    for title, texts in (("FINDING", findings), ("COULD NOT TELL", unknown)):
        for text in texts[:1000]:
            print(f"{title}: {text}")
        if len(texts) > 1000:
            print(f"{title}: and {len(texts) - 1000} more")
    print(LIMITS)
    if findings:
        print(f"RESULT: NOT INTACT, {len(findings)} findings.")
    elif unknown:
        print("RESULT: COULD NOT TELL.")
    else:
        print("RESULT: INTACT. Every record shown is, byte for byte, in the tree that the log key signed.")
    return 3 if findings else 4 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
