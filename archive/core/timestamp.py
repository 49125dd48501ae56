"""Time-stamp tokens of RFC 3161: asking, taking apart, checking. Pure bytes; no clock, no network.

The library checks signature and chain at the token's own time, so a certificate that ended since is no harm.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime
from hashlib import sha1, sha256, sha384, sha512
from typing import Any

from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from archive.errors import FormatError

MAX_TOKEN = 1_048_576
DAY = 86_400
"""Seconds. An authority that knows its own clock no better bounds nothing."""
_HASHES = {"sha256": sha256, "sha384": sha384, "sha512": sha512}
_GRANTED = bytes.fromhex("3003020100")
_HOSTILE = (
    ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError, x509.InvalidVersion
)  # fmt: skip
"""What parsers of ASN.1 raise on bytes that are none."""


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says."""

    time: datetime
    """UTC."""
    accuracy: float
    """Seconds; 0 where the authority names none."""
    nonce: int | None
    serial: int
    authority: x509.Certificate
    """The certificate that signed it."""
    certificates: tuple[bytes, ...]
    """Every certificate in it, DER."""

    @property
    def authority_sha256(self) -> str:
        """Give the digest by which records name the authority."""
        return sha256(self.authority.public_bytes(Encoding.DER)).hexdigest()

    @property
    def name(self) -> str:
        """Give the subject of the authority's certificate."""
        return self.authority.subject.rfc4514_string()


def make_request(note: bytes) -> bytes:
    """Ask for a token over these bytes: SHA-512, a nonce, and the authority's certificate in it."""
    request = TimestampRequestBuilder().data(note).hash_algorithm(HashAlgorithm.SHA512)
    return request.nonce(nonce=True).cert_request(cert_request=True).build().as_bytes()


def token_in(answer: bytes) -> bytes:
    """Take the token out of an authority's answer, byte for byte.

    Raises:
        FormatError: it is no answer, or says no.
    """
    try:
        response = tsp.TimeStampResp.load(answer, strict=True)
        status = response["status"]["status"].native
        if status not in ("granted", "granted_with_mods"):
            raise FormatError(f"the authority refuses: {str(status)[:40]}")
        return bytes(response["time_stamp_token"].dump())
    except _HOSTILE as error:
        raise FormatError("an answer that is none of a time-stamp authority") from error


def nonce_of(request: bytes) -> int | None:
    """Give the nonce of a request.

    Raises:
        FormatError: it is no request.
    """
    try:
        whole = tsp.TimeStampReq.load(
            request, strict=True
        ).native  # reads every member: lazy parsing takes anything
        nonce, _ = whole["nonce"], whole["message_imprint"]["hash_algorithm"]["algorithm"]
    except _HOSTILE as error:
        raise FormatError("not a time-stamp request") from error
    return int(nonce) if nonce is not None else None


def parse(token: bytes) -> tuple[Token, TimeStampResponse]:
    """Take a token apart, unchecked.

    Raises:
        FormatError: it is no token of RFC 3161 with the certificate of its signer.
    """
    if len(token) > MAX_TOKEN:
        raise FormatError("a time-stamp token that is too long")
    try:
        raw, signed_data = _sorted(token)
        response = decode_timestamp_response(_as_answer(raw))
        info = response.tst_info
        certificates = tuple(bytes(each.dump()) for each in signed_data["certificates"])
        signer = signed_data["signer_infos"][0]
        found = _signer(certificates, signer)
        _check_ess(signer, found.public_bytes(Encoding.DER))
        accuracy = signed_data["encap_content_info"]["content"].parsed["accuracy"]
        return (
            Token(
                time=info.gen_time.astimezone(UTC),
                accuracy=_seconds(accuracy.native),
                nonce=info.nonce,
                serial=info.serial_number,
                authority=found,
                certificates=certificates,
            ),
            response,
        )
    except _HOSTILE as error:
        raise FormatError("not a time-stamp token that can be read") from error


def _check_bounds(token: Token) -> None:
    """Refuse what bounds nothing, and what no calendar here reaches: accuracies and years are any integers."""
    if not 0 <= token.accuracy <= DAY or token.time.year >= MAXYEAR:
        raise FormatError("a token whose time, or how well its authority knows it, bounds nothing")


def _seconds(accuracy: Any) -> float:
    if not accuracy:
        return 0.0
    parts = (
        (accuracy.get(name) or 0) / unit for name, unit in (("seconds", 1), ("millis", 1e3), ("micros", 1e6))
    )
    return float(sum(parts))


def _sorted(token: bytes) -> tuple[bytes, Any]:
    """Give the token with its certificates in the order that DER demands, which some authorities do not keep.

    The set of certificates is not signed, so sorting it changes nothing that is.
    """
    signed_data = cms.ContentInfo.load(token, strict=True)["content"]
    each = [bytes(certificate.dump()) for certificate in signed_data["certificates"]]
    return token.replace(b"".join(each), b"".join(sorted(each)), 1), signed_data


def _as_answer(token: bytes) -> bytes:
    """Wrap a token as the answer that the library reads."""
    body = _GRANTED + token
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return b"\x30" + (length if len(body) < 128 else bytes([0x80 | len(length)]) + length) + body


def _signer(certificates: Sequence[bytes], signer: Any) -> x509.Certificate:
    named = signer["sid"].chosen
    for certificate in map(x509.load_der_x509_certificate, certificates):
        if (
            certificate.issuer.public_bytes() == named["issuer"].dump()
            and certificate.serial_number == named["serial_number"].native
        ):
            return certificate
    raise FormatError("a token without the certificate of its signer")


def _check_ess(signer: Any, certificate: bytes) -> None:
    """Hold the signer's certificate against the digest that its signature covers (RFC 3161, RFC 5816)."""
    attributes = {each["type"].native: each["values"] for each in signer["signed_attrs"]}
    if "signing_certificate_v2" in attributes:
        first = attributes["signing_certificate_v2"][0]["certs"][0]
        algorithm = first["hash_algorithm"]["algorithm"].native
        known = _HASHES.get(algorithm)
        if known is None or known(certificate).digest() != first["cert_hash"].native:
            raise FormatError("a token signed for another certificate than it carries")
    elif "signing_certificate" in attributes:
        if sha1(certificate).digest() != attributes["signing_certificate"][0]["certs"][0]["cert_hash"].native:  # noqa: S324
            raise FormatError("a token signed for another certificate than it carries")
    else:
        raise FormatError("a token that does not name its signer's certificate")


def check(token: bytes, note: bytes, roots: Sequence[bytes], others: Sequence[bytes] = ()) -> Token:
    """Check a token over these bytes: imprint, signature, purpose, and the chain at the token's own time.

    Args:
        token: as stored, DER.
        note: the stamped bytes.
        roots: certificates (DER) that the chain may end in.
        others: further certificates for the chain; one that issued itself is never believed.

    Raises:
        FormatError: it does not hold; the text says why.
    """
    found, response = parse(token)
    _check_bounds(found)
    builder = VerifierBuilder()
    try:
        for root in dict.fromkeys(roots):
            builder = builder.add_root_certificate(x509.load_der_x509_certificate(root))
        for other in dict.fromkeys((*others, *found.certificates)):
            certificate = x509.load_der_x509_certificate(other)
            if certificate.issuer != certificate.subject:
                builder = builder.add_intermediate_certificate(certificate)
        builder.build().verify_message(response, note)
    except VerificationError as error:
        raise FormatError(f"the token does not hold: {_plainly(error)}") from error
    except _HOSTILE as error:
        raise FormatError(f"the token does not hold: {type(error).__name__}") from error
    return found


def _plainly(error: VerificationError) -> str:
    """Say what the library found, without the marks of the program below it."""
    text = str(error)
    chain = re.search(r'Verify error: ?([^"]*)"', text)
    if chain:
        return f"the chain of its authority to the certificates that are believed: {chain[1]}"
    return text.partition(": ErrorStack")[0]


def is_root(certificate: bytes) -> bool:
    """Say whether a certificate (DER) issued itself. Raises FormatError if it is none.

    Roots that signed themselves with SHA-1 are in use, and nobody checks that signature any more: names tell then.
    """
    try:
        found = x509.load_der_x509_certificate(certificate)
        if found.issuer != found.subject:
            return False
    except _HOSTILE as error:
        raise FormatError("not a certificate") from error
    try:
        found.verify_directly_issued_by(found)
    except InvalidSignature:
        return False
    except (*_HOSTILE, UnsupportedAlgorithm):
        return isinstance(found.signature_hash_algorithm, hashes.SHA1)
    return True


def certificates_in(text: bytes) -> list[bytes]:
    """Read certificates in PEM; give them as DER.

    Raises:
        FormatError: there is none.
    """
    try:
        return [one.public_bytes(Encoding.DER) for one in x509.load_pem_x509_certificates(text)]
    except _HOSTILE as error:
        raise FormatError("no certificate in PEM") from error


def revoked_at(crl: bytes, issuers: Sequence[bytes], serial: int) -> datetime | None:
    """Give when a list of revoked certificates (DER), signed by one of the issuers, says that this one ended.

    Raises:
        FormatError: it is no such list, or none of the issuers signed it.
    """
    try:
        listed = x509.load_der_x509_crl(crl)
        keys: list[Any] = [x509.load_der_x509_certificate(one).public_key() for one in issuers]
        if not any(listed.is_signature_valid(key) for key in keys):
            raise FormatError("a list of revoked certificates that no issuer signed")
        entry = listed.get_revoked_certificate_by_serial_number(serial)
    except (*_HOSTILE, UnsupportedAlgorithm) as error:
        raise FormatError("not a list of revoked certificates") from error
    return entry.revocation_date_utc if entry is not None else None
