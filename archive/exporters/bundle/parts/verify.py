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
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

try:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
except ImportError:
    sys.exit('verify.py needs the Python package "cryptography": python -m pip install cryptography')

ROLES = {  # class → kind → who may seal it: owner, ingest, legal, privacy, recovery (FORMAT 1, section 5)
    "clear": {"genesis": "o", "keys": "or", "recovered": "or", "restored": "or", "disowned": "or", "anchor": "i",
        "renewal": "i", "stream_ends": "i", "erase": "l", "erased": "p", "resealed": "ilr", "orphan": "oilpr"},
    "state": dict.fromkeys(("secret", "seen", "cursor"), "i"),
    "oversight": {"hold": "l", "production": "l", "run": "i", "read": "oilp", "request": "lp", "plan": "lp",
        "approval": "olp", "policy": "o", "person": "o"},
    "matter": dict.fromkeys(("matter", "selection", "party", "decision", "note", "certificate"), "l"),
    "content": dict.fromkeys(("item", "account", "thread", "capture", "sighting"), "i"),
}  # fmt: skip
PURPOSES = {  # of a key → whose it may be
    "writer": "owner ingest legal privacy recovery", "log": "log",
    "recipient": "ingest content oversight auditor recovery"}  # fmt: skip
SIGNING = {"ed25519": 32, "ecdsa_p256": 65}  # bytes of a public key
OPENING = {"x25519": 32, "p256": 65, "mlkem768_x25519": 1216}
FACETS = "what time author recipients targets title text body attachments reactions extra raw"
LEAF = "class commitment frame_length frame_sha256 index kind previous segment stream stream_position time version"
RECORD, SEGMENT = "facets frame index leaf path segment why", "first note"
CHANGE = "action algorithm epoch id public purpose role"
NOTE = re.compile("([^\x00-\x09\x0b-\x1f]*\n)\n((?:— [^\x00-\x20+]+ [A-Za-z0-9+/]{7,}=*\n)+)")
LOG_KEY = re.compile(r"[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*")
NUMBER, ID, HASH = "0|[1-9][0-9]{0,15}", "[0-9a-f]{32}", "[0-9a-f]{64}"
CHECKPOINT = re.compile(f"(.+)\n({NUMBER})\n(.+)\n")
HEADER = re.compile("beleg/segment/v1\n" + "".join(f"{name} (?P<{name}>{form})\n" for name, form in (
    ("origin", ".+"), ("writer", ID), ("batch", ID + "|none"), ("first", NUMBER), ("count", NUMBER),
    ("time", NUMBER), ("previous", HASH), ("last", HASH), ("index", HASH), ("page", HASH + "|none"),
    ("slots", HASH + "|none"),
)))  # fmt: skip
APART = timedelta(seconds=120)  # by which honest clocks may differ
MAX_LINE, MAX_SMALL, MAX_LIST, MAX_FILES = 1 << 26, 1 << 20, 1 << 28, 2_000_000
P256 = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
P, ORDER_8 = 2**255 - 19, 2707385501144840649318225287225658788936804267575313519463743609750303402022
SMALL_ORDER = {0, 1, P - 1, ORDER_8, P - ORDER_8}
TOKENS, SEAL, ORIGINALS = "signatures/tokens", "signatures/statement.p7s", "bag/data/originals/"
STATEMENT = {"signatures/statement.json", "signatures/statement.sig"}  # not in its list, nor is the seal


class Bad(Exception):
    """Something is not as it must be; the text says what."""


class Unknown(Bad):
    """Something that this program does not know, and so cannot judge."""


WRONG = Exception  # what hostile bytes make of a check, parsers of certificates too: never a traceback
findings, unknown, notes = [], [], []


def need(condition, text, kind=Bad):
    if not condition:
        raise kind(text)


def attempt(where, check, *arguments):
    """Run a check and give what it gives; what is wrong is noted with where it is, and gives None."""
    try:
        return check(*arguments)
    except WRONG as error:
        said = str(error) if isinstance(error, Bad | OSError) else f"does not hold ({type(error).__name__})"
        unsure = isinstance(error, Unknown | OSError | MemoryError) and type(error) is not FileNotFoundError
        (unknown if unsure else findings).append(f"{where}: {said}")


def sha(data):
    return hashlib.sha256(data).digest()


def b64(text, length=None):
    """Decode base64 of the standard alphabet, as notes have it, in its one canonical form."""
    data = base64.b64decode(text, validate=True)
    need(base64.b64encode(data).decode() == text, "base64 with bits too many")
    need(length in (None, len(data)), "base64 of the wrong length")
    return data


def b64u(text, length=None):
    """Decode base64url without padding, as leaves have it."""
    need(re.fullmatch(r"[A-Za-z0-9_-]*", text), "not base64url")
    return b64(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4), length)


def unhex(text, length):
    need(re.fullmatch(r"[0-9a-f]*", text) and len(text) == 2 * length, "not hex")
    return bytes.fromhex(text)


def whole_number(value):
    need(type(value) is int and 0 <= value < 2**53, "a number out of range")
    return value


def small(text):
    need(abs(int(text)) < 2**53, "a number out of range")  # nor does int() take what is no integer
    return int(text)


def depth(value):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


def members(value, names):
    need(isinstance(value, dict) and set(value) == set(names.split()), "other members than it must have")
    return value


def named(value):
    need(all(re.fullmatch(r"[a-z][a-z0-9_]{0,63}", name) for name in value), "a name of another form")
    return value


def canonical(data, names=None, in_bag=False):
    """Decode canonical JSON (RFC 8785, integers only) with these members; in_bag, "<" stands as an escape."""
    text = data.decode("utf-8")
    value = json.loads(text, object_hook=named, parse_int=small, parse_float=small, parse_constant=small)
    need(text.count("[") + text.count("{") < 33 or depth(value) < 33, "JSON that is nested too deep")
    again = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    need((again.replace("<", "\\u003c") if in_bag else again) == text, "JSON that is not canonical")
    return members(value, names) if names else value


# ---- signed notes (C2SP) and keys
def parse_note(data, kind=Bad):
    """Give text and signature lines (name, key id, signature)."""
    need(len(data) <= 65536, "a signed note that is too long")
    match = NOTE.fullmatch(data.decode("utf-8"))
    need(match, "not a signed note, or one without signature", kind)
    lines = [line.split(" ") for line in match[2][:-1].split("\n")]
    return match[1], [(name, b64(value)[:4], b64(value)[4:]) for _, name, value in lines]


def key_id(name, public):
    return sha(P256 + public if len(public) == 65 else name.encode() + b"\n\x01" + public)[:4]


def verifier_key(name, public):
    encoded = base64.b64encode(b"\x02" + P256 + public if len(public) == 65 else b"\x01" + public).decode()
    return f"{name}+{key_id(name, public).hex()}+{encoded}"


def signed(note, name, public):
    """Say whether a note bears a signature of this key; a bad one under its name and id is an error."""
    text, lines = note[0].encode(), note[1]
    mine = [line[2] for line in lines if line[:2] == (name, key_id(name, public))]
    for signature in mine:
        if len(public) == 65:
            strict = utils.encode_dss_signature(*utils.decode_dss_signature(signature))
            need(strict == signature, "a signature that is not strict DER")
            key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
            key.verify(signature, text, ec.ECDSA(hashes.SHA256()))
        else:
            ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    return bool(mine)


class Keys(dict):
    """The keys that the ledger registered, by id, folded in the order of records (FORMAT 1, section 6)."""

    def fold(self, body, index, first, end):
        """Apply the keys record ``index`` of the segment from ``first`` to ``end``: all of it or nothing."""
        changes = members(body, "changes")["changes"]
        need(isinstance(changes, list) and 0 < len(changes) <= 4096, "a list of changes of impossible length")
        keys = {identifier: dict(key) for identifier, key in self.items()}
        for change in changes:
            self._change(keys, members(change, CHANGE), index, first, end)
        left = {(key["purpose"], key["role"]) for key in keys.values() if key["end"] is None}
        need(left & {("writer", "owner"), ("writer", "recovery")}, "no owner and no recovery writer is left")
        for needed in [("log", "log")] + [("recipient", role) for role in ("ingest", "content", "oversight")]:
            need(needed in left, f"no {needed[1]} key is left")
        self.update(keys)

    @staticmethod
    def _change(keys, change, index, first, end):
        purpose, algorithm, role, epoch = (change[name] for name in ("purpose", "algorithm", "role", "epoch"))
        need(role in PURPOSES[purpose].split(), "a role that does not fit its purpose")
        public, epoch = unhex(change["public"], len(change["public"]) // 2), whole_number(epoch)
        length = (OPENING if purpose == "recipient" else SIGNING).get(algorithm)
        need(algorithm not in SIGNING | OPENING or len(public) == length, "a key that does not fit its use")
        if algorithm == "ed25519":
            y = int.from_bytes(public, "little") & (2**255 - 1)
            need(y < P and y not in SMALL_ORDER, "a key of small order or not canonical")
        identifier = sha(f"beleg/{purpose}/v1\0{algorithm}\0".encode("ascii") + public)[:16].hex()
        need(identifier == change["id"], "a key whose id does not fit")
        if change["action"] == "add":
            need(all(key["public"] != public for key in keys.values()), "a key that was registered before")
            same = [key["epoch"] for key in keys.values() if (key["purpose"], key["role"]) == (purpose, role)]
            need(epoch >= max(same, default=0) if purpose == "recipient" else epoch == 0, "a wrong epoch")
            counts = {"added": index, "start": end if first else 0, "retired": None, "end": None}
            keys[identifier] = change | counts | {"public": public}
        else:
            known = keys.get(identifier)
            need(change["action"] == "retire", "a change that is neither add nor retire")
            need(known and known["end"] is None and known["added"] < first, "retires what does not count")
            need((known["role"], known["epoch"]) == (role, epoch), "retires a key under another description")
            known.update(retired=index, end=end)

    def writer_of(self, note, origin, identifier, first):
        """Give the role of a note's writer, whose key must count for a segment that begins at ``first``."""
        key = self.get(identifier)
        counts = key and key["purpose"] == "writer" and key["start"] <= first
        counts = counts and (key["retired"] is None or first <= key["retired"])
        need(counts, f"writer {identifier} does not count for this")
        need(key["algorithm"] == "ed25519", f"signed with {key['algorithm']}, unknown here", Unknown)
        need(signed(note, f"{origin}/writer/{identifier}", key["public"]), "no signature of its writer")
        return key["role"]

    def signers(self, checkpoint):
        """Give the log keys, as verifier keys, that count for a checkpoint of its size and signed it."""
        size, origin = checkpoint["size"], checkpoint["origin"]
        logs = [key for key in self.values() if key["purpose"] == "log" and key["added"] < size]
        logs = [key for key in logs if key["end"] is None or size <= key["end"]]
        known = [key["public"] for key in logs if key["algorithm"] in SIGNING]
        good = [verifier_key(origin, one) for one in known if signed(checkpoint["note"], origin, one)]
        need(len(known) == len(logs), "a log key of an algorithm that is unknown here", Unknown)
        need(good, "no log key that counts signed it")
        return good


# ---- the tree (RFC 6962)
def climb(node, last, left, right, path):
    """Follow a proof upward from a node; ``last`` is the last node beside it (RFC 9162, 2.1.3.2 and 2.1.4.2).

    Gives two roots: of the tree that ends with the node, begun as ``left``, and of the whole, as ``right``.
    """
    for sibling in path:
        need(last > 0, "a proof of the tree that is too long")
        if node & 1 or node == last:
            left, right = sha(b"\1" + sibling + left), sha(b"\1" + sibling + right)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            right = sha(b"\1" + right + sibling)
        node, last = node >> 1, last >> 1
    need(last == 0, "a proof of the tree that is too short")
    return left, right


def check_inclusion(leaf_hash, index, path, checkpoint):
    """Demand that a leaf lies under a checkpoint."""
    need(0 <= index < checkpoint["size"], "lies beyond the checkpoint")
    path = [b64u(node, 32) for node in path]
    root = climb(index, checkpoint["size"] - 1, leaf_hash, leaf_hash, path)[1]
    need(root == checkpoint["root"], "is not in the tree that the checkpoint signs")


def check_prefix(old, new, path):
    """Demand that the tree of one checkpoint is the beginning of another's."""
    need(0 < old["size"] <= new["size"], "stamps more records than this bundle's checkpoint signs")
    node, last, nodes = old["size"] - 1, new["size"] - 1, [b64u(node, 32) for node in path]
    roots = old["root"], old["root"]
    if node < last:
        while node & 1:
            node, last = node >> 1, last >> 1
        nodes = nodes if node else [old["root"], *nodes]
        roots = climb(node, last, nodes[0], nodes[0], nodes[1:])
    need(roots == (old["root"], new["root"]), "stamps another history than this bundle's")


def read_checkpoint(data, kind=Bad):
    note = parse_note(data, kind)
    match = CHECKPOINT.fullmatch(note[0])
    need(match, "not a checkpoint", kind)
    return {"note": note, "origin": match[1], "size": int(match[2]), "root": b64(match[3], 32)}


# ---- CMS: time-stamp tokens (RFC 3161) and the seal; the chain of the certificates is for openssl

DIGESTS = {  # object identifier of a digest, or of a signature with it, in hex → the digest
    f"{prefix}{first + n:02x}": kind
    for prefix, first in (("6086480165030402", 1), ("2a8648ce3d0403", 2), ("2a864886f70d0101", 11))
    for n, kind in enumerate((hashes.SHA256(), hashes.SHA384(), hashes.SHA512()))
}
PLAIN, STAMPING = {"2a864886f70d010101", "2a8648ce3d0201"}, x509.ExtendedKeyUsageOID.TIME_STAMPING  # RSA, EC
MESSAGE_DIGEST, CERTIFICATE_V2, TST_INFO = (f"2a864886f70d0109{end}" for end in ("04", "10022f", "100104"))


def der(data, *path):
    """Take DER apart, at this place of it: a list of (tag, content, whole)."""
    found, at = [], 0
    while at < len(data):
        tag, length, start = data[at], data[at + 1], at + 2
        if length & 128:
            width = length & 127
            length, start = int.from_bytes(data[start : start + width], "big"), start + width
        need(start + length <= len(data) and tag & 31 != 31, "DER that does not fit its length")
        found.append((tag, data[start : start + length], data[at : start + length]))
        at = start + length
    return der(found[path[0]][1], *path[1:]) if path else found


def known(algorithm):
    kind = DIGESTS.get(der(algorithm)[0][1].hex())
    need(kind, "an algorithm that this program does not know", Unknown)
    return kind


def check_token(token, note, request):
    """Check imprint, nonce, time and signature of a token over a note; give (time, its doubt, authority)."""
    kind, (_, info, _) = der(token, 0, 1, 0, 2)[0], der(token, 0, 1, 0, 2, 1)[0]
    need(kind[1].hex() == TST_INFO, "no time-stamp token")
    fields = der(info, 0)
    imprint, hashed = der(fields[2][1]), hashlib.new(known(der(fields[2][1])[0][1]).name, note)
    need(imprint[1][1] == hashed.digest(), "a token over another checkpoint")
    time = datetime.strptime(fields[4][1][:14].decode(), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    doubt = int(b"." in fields[4][1])  # seconds, never too few: a part of one, how well the clock is known
    for tag, value, _ in der(fields[5][1]) if fields[5:] and fields[5][0] == 48 else ():
        doubt += int.from_bytes(value, "big", signed=True) if tag == 2 else 1
    need(0 <= doubt <= 86400 and time.year < 9999, "a time, or how well it is known, that bounds nothing")
    if request is not None:
        nonce = [value for tag, value, _ in der(request, 0) if tag == 2][1:]
        need(nonce == [value for tag, value, _ in fields[5:] if tag == 2][:1], "a token for another nonce")
    signer = check_signer(token, info)
    usage = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    need(usage.critical and list(usage.value) == [STAMPING], "no authority's certificate")
    need(signer.not_valid_before_utc <= time <= signer.not_valid_after_utc, "its certificate had ended")
    return time, timedelta(seconds=doubt), signer.subject.rfc4514_string()


def check_signer(cms, data):
    """Check the one signature of a CMS over data, but for the chain; give the certificate."""
    parts = der(cms, 0, 1, 0)
    signer = der(parts[-1][1], 0)
    (_, _, issuer), (_, serial, _) = der(signer[1][1])
    for _, _, whole in der(parts[3][1]):  # a set in any order: it is not signed
        mine = x509.load_der_x509_certificate(whole)
        if (mine.issuer.public_bytes(), mine.serial_number) == (issuer, int.from_bytes(serial, "big")):
            break
    else:
        raise Bad("a signature without its signer's certificate")
    kind, key = known(signer[2][1]), mine.public_key()
    attributes = {der(one)[0][1].hex(): der(one, 1)[0] for _, one, _ in der(signer[3][1])}
    need(attributes[MESSAGE_DIGEST][1] == hashlib.new(kind.name, data).digest(), "signed over other bytes")
    if CERTIFICATE_V2 in attributes:
        first = der(attributes[CERTIFICATE_V2][1], 0, 0)
        hashed = known(first[0][1]) if first[0][0] == 48 else hashes.SHA256()
        named, held = next(value for tag, value, _ in first if tag == 4), hashlib.new(hashed.name, whole)
        need(named == held.digest(), "signed for another certificate")
    kind = kind if der(signer[4][1])[0][1].hex() in PLAIN else known(signer[4][1])
    text = b"\x31" + signer[3][2][1:]
    if isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signer[5][1], text, ec.ECDSA(kind))
    else:
        need(isinstance(key, rsa.RSAPublicKey), "a kind of key that this program does not know", Unknown)
        key.verify(signer[5][1], text, padding.PKCS1v15(), kind)
    return mine


# ---- files
def read(folder, path, limit=MAX_SMALL):
    with (folder / path).open("rb") as stream:
        data = stream.read(limit + 1)
    need(len(data) <= limit, f"{path} is longer than {limit} bytes")
    return data


def lines_of(folder, path, names):
    """Give the JSON objects of a file, one a line, with these members; any other line is a finding."""
    with (folder / path).open("rb") as stream:
        for number, data in enumerate(iter(lambda: stream.readline(MAX_LINE + 1), b"")):
            need(data.endswith(b"\n") and len(data) <= MAX_LINE, f"{path}: a line too long")
            if value := attempt(f"{path}, line {number + 1}", canonical, data[:-1], names, True):
                yield value


def walk(folder):
    """Give path → digest of every file; what is no plain file or folder may lead out, or never end."""
    digests, todo = {}, [folder]
    while todo:
        below = todo.pop()
        entries = sorted(below.iterdir())
        if not entries:
            findings.append(f"{below}: an empty folder that does not belong here")
        for path in entries:
            name = path.relative_to(folder).as_posix()
            ordinary = not path.is_symlink() and (path.is_dir() or path.is_file())
            need(ordinary, f"{name}: a link or device, which does not belong here; no more was read")
            if path.is_dir():
                todo.append(path)
            else:
                with path.open("rb") as stream:
                    digests[name] = hashlib.file_digest(stream, "sha256").hexdigest()
                need(len(digests) <= MAX_FILES, "more files than this program reads")
    return digests


def compare(listed, here, source):
    """Hold path → digest of a list against that of the files that it must list."""
    for path in sorted(listed.keys() | here.keys()):
        if listed.get(path) != here.get(path):
            what = "missing" if path not in here else "altered" if path in listed else "not listed"
            findings.append(f"{path}: {what}, by {source}")


def check_manifest(folder, path, here):
    """Demand that a BagIt manifest is, to the byte, that of the files here."""
    text = read(folder, path, MAX_LIST).decode("ascii")
    compare({f"bag/{line[66:]}": line[:64] for line in text.split("\n")[:-1]}, here, path)
    due = "".join(f"{here[name]}  {name[4:]}\n" for name in sorted(here))
    need(text == due, "malformed lines, or out of order")


# ---- records
class Records:
    """Everything that the records say, checked one after the other."""

    def __init__(self, checkpoint, headers, files):
        """Hold records against checkpoint and segment headers; ``files`` are the originals: digest → length."""
        self.checkpoint, self.headers, self.files, self.keys = checkpoint, headers, files, Keys()
        self.origin = checkpoint["origin"]
        self.kinds, self.streams, self.counts, self.originals = {}, {}, {}, set()
        self.heads, self.committed = {checkpoint["size"]: checkpoint["root"]}, set()
        self.before, self.before_hash, self.withheld, self.no_key, self.absent = -1, b"", 0, 0, 0

    def line(self, record):
        """Check a record."""
        index = attempt("the number of a record", whole_number, record["index"])
        if index is not None:
            attempt(f"record {index}", self._record, record, index)
            self.before = max(index, self.before)

    def _record(self, record, index):
        raw, chained = record["leaf"].encode("ascii"), self.before_hash
        leaf, self.before_hash = canonical(raw), sha(b"\0" + raw)
        need(index > self.before, "out of order, or twice")
        check_inclusion(self.before_hash, index, record["path"], self.checkpoint)
        kind, name = leaf.get("kind"), leaf.get("class")
        known = leaf.get("version") == 1 and name in ROLES and kind in ROLES[name]
        why = record["why"] if known else "unknown"
        self.counts[why] = self.counts.get(why, 0) + 1
        need(known, "a version, class or kind that this program does not know", Unknown)
        need(why in ("hit context parent capture" + " keys" * (name == "clear")).split(), "no such reason")
        need(whole_number(members(leaf, LEAF)["index"]) == index, f"its leaf says {leaf['index']}")
        fits = len(raw) <= 512 and whole_number(leaf["version"]) == 1 < whole_number(leaf["frame_length"])
        need(fits and whole_number(leaf["time"]) < 2**40, "a leaf of impossible length or time")
        if index in (0, self.before + 1):
            need(b64u(leaf["previous"], 32) == (chained if index else bytes(32)), "breaks the chain")
        self._segment(record, leaf)
        self._position(leaf, index)
        (self._clear if name == "clear" else self._facets)(record, leaf)

    def _segment(self, record, leaf):
        header, index = self.headers.get(record["segment"]), leaf["index"]
        need(header, "its segment header is not in the bundle or not well formed")
        first, end = header["first"], header["first"] + header["count"]
        need(first <= index < end, "lies outside its segment")
        need(b64u(leaf["segment"], 32) == header["digest"], "names another writer or page than its header")
        need(leaf["time"] == header["time"], "has another time than its segment")
        need(leaf["class"] == "clear" or header["batch"] != "none", "encrypted, without a key page")
        previous = b64u(leaf["previous"], 32).hex()
        need(index > first or previous == header["previous"], "breaks the chain of segments")
        need(index + 1 < end or self.before_hash.hex() == header["last"], "is not the last of its segment")
        self.kinds.setdefault(first, {}).setdefault((leaf["class"], leaf["kind"]), index)

    def _position(self, leaf, index):
        position, stream = whole_number(leaf["stream_position"]), leaf["stream"]
        b64u(stream, 16)
        seen = self.streams.setdefault(stream, [leaf["class"], position, position - 1, 0, index - 1])
        missing = position - seen[2] - 1
        need(0 <= missing < index - seen[4] and position <= index, "has an impossible position in its stream")
        seen[2:] = position, seen[3] + missing, index

    def _clear(self, record, leaf):
        need(leaf["commitment"] is None and record["facets"] is None, "a clear record with facets")
        index, body = leaf["index"], clear_body(leaf, b64u(record["frame"]))
        need((leaf["kind"] == "genesis") == (index == 0), "a founding that is not the first record")
        need(index or body == {"format": 1, "origin": self.origin}, "the founding of another archive")
        if leaf["kind"] == "keys":
            header = self.headers[record["segment"]]
            self.keys.fold(body, index, header["first"], header["first"] + header["count"])

    def _facets(self, record, leaf):
        need(record["frame"] is None, "an encrypted record with a clear frame")
        committed, parts, lines, values = b64u(leaf["commitment"], 32), [], {}, {}
        b64u(leaf["frame_sha256"], 32)
        need(committed not in self.committed, "is sealed a second time")
        self.committed.add(committed)
        if record["facets"] is None:
            self.no_key += 1
            return
        for name, facet in zip(FACETS.split(), record["facets"], strict=True):
            if isinstance(facet, str):
                parts.append(b64u(facet, 32))
            else:
                salt, lines[name] = facet
                parts.append(sha(b"\2" + b64u(salt, 32) + lines[name].encode()))
        need(sha(b"\3" + b"".join(parts)) == committed, "its content is not what its leaf commits to")
        self.withheld += len(lines) < 12
        for name, line in lines.items():
            said, values[name] = canonical(line.encode())
            need(said == name and line[0] == "[", f"a facet that is not {name}")
        self._content(values, leaf["kind"])

    def _content(self, values, kind):
        what, extra, raw = (values.get(name) for name in ("what", "extra", "raw"))
        need(what is None or what["kind"] == kind, "its content says another kind than its leaf")
        places = list(overflows(list(values.values())))
        if what and what.get("body") == "capture" and extra and extra["kept"] != "slices":
            places.append(extra)
        for place in places:
            unhex(place["sha256"], 32)
            self.originals.add(place["sha256"])
            length = self.files.get(place["sha256"])
            self.absent += length is None
            need(length in (None, place["length"]), "a file of another length than its record says")
        if raw and "sha256" in raw:
            ((form, piece),) = raw["slice"].items()
            data = piece if form == "overflow" else piece.encode() if form == "utf8" else b64(piece)
            held = data["sha256"] if form == "overflow" else sha(data).hex()
            need(held == raw["sha256"], "a slice that is not the one it names")


def clear_body(leaf, frame):
    """Give what a clear record says, after its frame was held against its leaf."""
    need(sha(frame) == b64u(leaf["frame_sha256"], 32), "its frame is not the one that its leaf names")
    need(len(frame) == leaf["frame_length"] and frame[:2] == b"\0\0", "a malformed frame")
    return canonical(frame[2:])


def overflows(value):
    """Give every place of a file that a JSON value names."""
    if isinstance(value, dict) and list(value) == ["overflow"]:
        yield value["overflow"]
    elif isinstance(value, dict | list):
        for member in value.values() if isinstance(value, dict) else value:
            yield from overflows(member)


def read_headers(segments):
    """Read the segment headers: first index → fields, note and digest."""
    headers, before = {}, None
    for segment in segments:
        if header := attempt(f"the header of segment {segment['first']}", read_header, segment, before):
            before = headers[header["first"]] = header
    return headers


def read_header(segment, before):
    note = parse_note(segment["note"].encode())
    match = HEADER.fullmatch(note[0])
    need(match and len(note[1]) == 1, "not a segment header")
    fields = match.groupdict() | {name: int(match[name]) for name in ("first", "count", "time")}
    first, count, end = fields["first"], fields["count"], before["first"] + before["count"] if before else 0
    need(first == segment["first"] and 1 <= count <= 4096 and first < 2**53, "an impossible range")
    need(first >= end, "segments that overlap")
    need(len({match[name] == "none" for name in ("batch", "page", "slots")}) == 1, "half a key page")
    need(not before or first > end or match["previous"] == before["last"], "does not follow the one before")
    named = match["writer"] + match["batch"].replace("none", "00" * 16)
    named += match["page"].replace("none", "00" * 32) + match["slots"].replace("none", "00" * 32)
    named = bytes.fromhex(named) + first.to_bytes(8, "big") + count.to_bytes(4, "big")
    return fields | {"note": note, "digest": sha(b"\6" + named)}


def check_writer(records, first, kinds):
    """Check the signature of a segment header, and that its writer's role may write what is shown of it."""
    header = records.headers[first]
    need(header["origin"] == records.origin, "a segment of another archive")
    role = records.keys.writer_of(header["note"], records.origin, header["writer"], first)
    for (name, kind), at in kinds.items():
        if role[0] not in ROLES[name][kind]:
            findings.append(f"record {at}: the role {role} may not write {kind}")


def check_head(records, file):
    """Compare with a head that was kept outside."""
    data = read(Path(), file, 65536).removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")  # by an editor
    head, checkpoint = read_checkpoint(data.rstrip(b"\n") + b"\n", Unknown), records.checkpoint
    need(head["origin"] == records.origin, "a head of another archive")
    newer = f"of size {head['size']}: ask the archive itself"
    need(head["size"] <= checkpoint["size"], newer, Unknown)  # a later record may tell who signed it
    records.keys.signers(head)
    known = records.heads.setdefault(head["size"], head["root"])
    need(known == head["root"], "signed like another of its size, with another root: the archive was forked")
    need(head["size"] == checkpoint["size"], newer, Unknown)
    notes.append(f"The head in {file} is the head of this bundle.")


def check_records(records, lines, given):
    """Check records, who wrote them, and who signed the tree; give the log keys that did."""
    for line in lines:
        records.line(line)
    for first, kinds in records.kinds.items():
        attempt(f"record {min(kinds.values())}: segment header", check_writer, records, first, kinds)
    for head in given.head:
        attempt(head, check_head, records, head)
    good = attempt("the checkpoint", records.keys.signers, records.checkpoint) or []
    if given.log_key and good and given.log_key not in good:
        findings.append("the checkpoint is not signed by the key given with --log-key")
        for key in records.keys.values():
            if key["retired"] and verifier_key(records.checkpoint["origin"], key["public"]) == given.log_key:
                findings[-1] += f": record {key['retired']} replaced it, ask the owner for the newer slip"
    return good


def check_proof(given):
    """Check the proof of one record; give the lines of the answer."""
    data = read(Path(), given.folder, MAX_LINE).rstrip(b"\n")
    value = canonical(data, "checkpoint format records segments", in_bag=True)
    need(value["format"] == "beleg/proof/v1", "another format")
    headers = read_headers(members(one, SEGMENT) for one in value["segments"])
    records = Records(read_checkpoint(value["checkpoint"].encode()), headers, {})
    good = check_records(records, (members(one, RECORD) for one in value["records"]), given)
    shown = ", ".join(str(one["index"]) for one in value["records"] if one["why"] != "keys")
    notes.append(f"Proof       of record {shown or 'none but those about keys'}. NO TIME PROOF.")
    return list(report(records, good, None, given))


# ---- what a bundle holds beside its records
def check_statement(folder, name, records):
    """Check a statement and its signature by a legal writer; give what it says."""
    data = read(folder, f"signatures/{name}.json", MAX_LIST)
    value = canonical(data, in_bag=name == "production")
    note = parse_note(read(folder, f"signatures/{name}.sig"))
    text = f"beleg/statement/v1\n{records.origin}\n{sha(data).hex()}\n"
    need(note[0] == text and len(note[1]) == 1, "its signature is over something else")
    need(value["origin"] == records.origin, "of another archive")
    role = records.keys.writer_of(note, records.origin, value["writer"], records.checkpoint["size"])
    need(role == "legal", "its writer is not a registered legal writer")
    return value


def check_files(folder, digests, statement, production):
    """Hold every file against the signed statement and the manifests, and both statements together."""
    members(statement, "files format origin production writer" + " sealed" * ("sealed" in statement))
    need(statement["format"] == "beleg/bundle/v1", "statement.json: another format")
    data = {path: digest for path, digest in digests.items() if path.startswith("bag/data/")}
    tags = {at: one for at, one in digests.items() if re.fullmatch(r"bag/(?!tagm)[a-z0-9-]+\.txt", at)}
    loose = data.keys() | STATEMENT | ({SEAL} if statement.get("sealed", True) else set())
    outside = {path: digests[path] for path in digests.keys() - loose}
    listed = dict(statement["files"])
    compare(listed, outside, "the signed statement")
    for path, here in (("bag/manifest-sha256.txt", data), ("bag/tagmanifest-sha256.txt", tags)):
        attempt(path, check_manifest, folder, path, here)
    for path in ("START_verify.html", "verify.py", "bag/tagmanifest-sha256.txt", "signatures/checkpoint.txt"):
        need(path in listed, f"statement.json: says nothing about {path}")
    need(production["data_sha256"] == digests.get("bag/manifest-sha256.txt"), "another bag/data")
    need(production["checkpoint_sha256"] == digests.get("signatures/checkpoint.txt"), "another checkpoint")
    need(production["production"] == statement["production"], "two statements about different productions")


def check_production(production, records, good):
    checkpoint, shown = records.checkpoint, sum(records.counts.values())
    need(production["format"] == "beleg/production/v1", "another format")
    said = production["size"], unhex(production["root"], 32)
    need(said == (checkpoint["size"], checkpoint["root"]), "another size or root than the checkpoint's")
    need(production["log_key"] in good or not good, "names another log key")
    need(production["counts"]["records"] == shown, f"not as many records were handed out as the {shown} here")


def check_seal(folder):
    """Check the seal with a certificate (CAdES) over the statement, but for the chain of the certificate."""
    signer = check_signer(read(folder, SEAL), read(folder, "signatures/statement.json", MAX_LIST)).subject
    notes.append(f"Seal        by {signer.rfc4514_string()}; its time stamp: a program for CAdES; its chain: "
        f"openssl cms -verify -binary -inform DER -in {SEAL} -content signatures/statement.json "
        "-CAfile ROOT.pem -purpose any -out /dev/null")  # fmt: skip


def check_anchor(folder, row, checkpoint, no_time):
    """Check a token, that its record is in the tree, and that it stamps a beginning; give (index, size, time)."""
    members(row, "consistency frame index leaf name path")
    need(re.fullmatch(r"[0-9]{4}", row["name"]), "a malformed name")
    place, index, raw = f"{TOKENS}/{row['name']}", whole_number(row["index"]), row["leaf"].encode("ascii")
    token, note = read(folder, place + ".tst"), read(folder, place + ".note", 65536)
    request = read(folder, place + ".tsq") if (folder / (place + ".tsq")).exists() else None
    check_inclusion(sha(b"\0" + raw), index, row["path"], checkpoint)
    leaf, stamped = canonical(raw), read_checkpoint(note)
    need((leaf["kind"], leaf["index"]) == ("anchor", index), "its record is no anchor")
    body = members(clear_body(leaf, b64u(row["frame"])), "authority checkpoint evidence size token")
    named = body["checkpoint"], body["token"], body["size"], checkpoint["origin"]
    here = sha(note).hex(), sha(token).hex(), stamped["size"], stamped["origin"]
    need(named == here and len(body["evidence"]) <= 64, "not what its record names, or more of it than 64")
    check_prefix(stamped, checkpoint, row["consistency"])
    need(request is None or sha(request).hex() in body["evidence"], "a request that its record does not name")
    time, doubt, authority = check_token(token, note, request)
    begin, end = (f"{one:%Y-%m-%d %H:%M:%S}" for one in (time - doubt, time + doubt))
    notes.append(f"Time        records below {stamped['size']} were sealed before {end} UTC, those after {index} after "
        f"{begin} UTC by the clock of {authority}{'' if request else '; no request: nonce not checked'}")  # fmt: skip
    notes.append(f"            chain: openssl ts -verify -token_in -in {place}.tst -data {place}.note "
        f"-attime {int(time.timestamp())} -CAfile ROOT_OF_THE_AUTHORITY.pem -untrusted {place}.pem")  # fmt: skip
    if not no_time:
        unknown.append(f"{place}.tst: time not fully checked: run openssl as shown, with its own root")
    return index, stamped["size"], time


def check_tokens(folder, checkpoint, no_time):
    """Check the tokens, and that none is older than one that what it stamps comes after."""
    value = canonical(read(folder, f"{TOKENS}.json", MAX_LIST), "format tokens", in_bag=True)
    need(value["format"] == "beleg/tokens/v1" and value["tokens"], "another format, or no token in it")
    where, rows = f"{TOKENS}.json, token ", enumerate(value["tokens"], 1)
    good = [attempt(f"{where}{n}", check_anchor, folder, row, checkpoint, no_time) for n, row in rows]
    below, latest = sorted(filter(None, good), reverse=True), datetime.min.replace(tzinfo=UTC)
    for index, size, time in sorted(below, key=lambda one: one[1]):
        while below and below[-1][0] < size - 1:
            latest = max(latest, below.pop()[2])
        if time + APART < latest:
            findings.append(f"{where}of record {index}: of {time}, yet what it stamps comes after {latest}")


def check_bundle(given):
    """Check the folder of a bundle; give the lines of the answer."""
    folder, digests = given.folder, walk(given.folder)
    originals = [path for path in digests if path.startswith(ORIGINALS)]
    lengths = {digests[path]: (folder / path).stat().st_size for path in originals}
    headers = read_headers(lines_of(folder, "bag/data/segments.jsonl", SEGMENT))
    records = Records(read_checkpoint(read(folder, "signatures/checkpoint.txt")), headers, lengths)
    files = sorted(path for path in digests if path.startswith("bag/data/records/"))
    lines = (line for path in files for line in lines_of(folder, path, RECORD))
    good = check_records(records, lines, given)
    if headers.keys() - records.kinds.keys():
        findings.append("segments.jsonl: headers of segments of which no record is shown")
    for path in originals:
        if not path.startswith(f"{ORIGINALS}{digests[path][:2]}/{digests[path]}."):
            findings.append(f"{path}: its name is not its SHA-256")
        elif digests[path] not in records.originals:
            findings.append(f"{path}: no record names it")
    production = attempt("production.json", check_statement, folder, "production", records)
    statement = attempt("statement.json", check_statement, folder, "statement", records)
    if production and statement:
        attempt("the files", check_files, folder, digests, statement, production)
        attempt("production.json", check_production, production, records, good)
    if statement and statement.get("sealed", SEAL in digests):
        attempt(SEAL, check_seal, folder)
    if f"{TOKENS}.json" in digests:
        attempt(f"{TOKENS}.json", check_tokens, folder, records.checkpoint, given.no_time)
    else:
        notes.append("Time        NO TIME PROOF: no time-stamp token bounds when anything here was sealed.")
    return list(report(records, good, production, given))


# ---- the answer
def plain(text):
    """Make text safe to print: what does not print is shown as an escape."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(text))[:600]


def report(records, good, production, given):
    """Tell what was checked, and what this does not show."""
    checkpoint, counts, keys = records.checkpoint, records.counts, records.counts.get("keys", 0)
    yield f"Archive     {records.origin}"
    yield f"Head        {checkpoint['size']} records, root {checkpoint['root'].hex()}"
    if made := production:
        yield f"Production  {made['production']} of matter {made['matter']}, {made['created']} by the maker's clock"
    yield f"Records     {sum(counts.values()) - keys} handed out, {keys} about keys; {len(records.originals)} files"
    content = [(name, seen) for name, seen in records.streams.items() if seen[0] == "content"]
    yield f"Streams     {len(content)}; numbers not here between the first and the last shown:"
    for name, (_, first, last, gaps, _) in content[:1000]:
        yield f"            stream {name}: {gaps} of the numbers {first} to {last}"
    for count, text in (
        (records.withheld, "records with withheld parts"),
        (records.no_key, "records without their content (no key)"),
        (records.absent, "files that records name are not in this bundle"),
    ):
        if count:
            yield f"            {count} {text}"
    yield from [*notes, *(f"Log key     {key}" for key in good)]
    if not given.log_key:
        yield "            Compare it with the founding slip of the archive, on paper (or give --log-key)."
        yield "            Without that, everything here may have been made by anybody."


LIMITS = """Not shown: that the platform sent it, that it is true, who sat at the keyboard; what was never captured or
not handed out; that no entry about keys is left out which retires a key shown; when it was sealed beyond the
operator's clock; that the page or this program in the folder is ours (take your own copy of verify.py)."""


def arguments():
    """Read the command line; wrong use ends with exit code 2."""
    parser = argparse.ArgumentParser(description="Check an evidence bundle.")
    add, here = parser.add_argument, Path(__file__).resolve().parent
    add("folder", nargs="?", type=Path, default=here, help="default: where this file lies")
    add("--key", "--log-key", dest="log_key", metavar="KEY", help="of the founding slip, or a file with it")
    add("--head", type=Path, metavar="FILE", nargs="+", default=[], help="checkpoints kept outside")
    add("--no-time", action="store_true", help="the chain of the authorities is checked elsewhere")
    given = parser.parse_args()
    try:
        if missing := [path for path in (given.folder, *given.head) if not path.exists()]:
            parser.error(f"{missing[0]} is not there")
        if given.log_key and not LOG_KEY.fullmatch(given.log_key):
            text = Path(given.log_key).read_bytes()[:65536].decode("utf-8", "replace")
            named = re.search(r"^Log key\s+(\S+)$", text, re.MULTILINE)
            given.log_key = named[1] if named else text.strip()
    except OSError as error:
        parser.error(f"{error} (a log key looks like name+id+base64)")
    if given.log_key and not LOG_KEY.fullmatch(given.log_key):
        parser.error("a log key looks like name+id+base64")
    return given


def main():
    """Check, and print the answer; give the exit code."""
    given = arguments()
    sys.stdout.reconfigure(errors="backslashreplace")
    for line in attempt(given.folder, check_proof if given.folder.is_file() else check_bundle, given) or ():
        print(plain(line))
    for title, texts in (("FINDING", findings), ("COULD NOT TELL", unknown)):
        for text in texts[:1000]:
            print(f"{title}: {plain(text)}")
        if len(texts) > 1000:
            print(f"{title}: and {len(texts) - 1000} more")
    good = "INTACT. Every record shown is, byte for byte, in the tree that the log key signed."
    bad = f"NOT INTACT, {len(findings)} findings."
    print(f"{LIMITS}\nRESULT: {bad if findings else 'COULD NOT TELL.' if unknown else good}")
    return 3 if findings else 4 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
