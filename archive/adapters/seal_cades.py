"""Sealing a statement with a certificate: detached CAdES (ETSI EN 319 122-1, level B-T with a time stamp, else B-B).

Any CMS tool checks it against the chain of whoever gave the certificate, which our own keys do not have.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from asn1crypto import cms, keys, tsp, x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12
from cryptography.x509 import Certificate
from pyhanko.sign import SimpleSigner
from pyhanko.sign.timestamps import TimeStamper, TimestampRequestError
from pyhanko_certvalidator.registry import SimpleCertificateStore

from archive.core import timestamp
from archive.errors import FormatError, Unreachable, UsageError
from archive.ports import TimestampAuthority
from archive.production import Sealed

DIGEST = "sha256"


class CertificateSeal:
    """Seals with the key of a PKCS #12 file."""

    def __init__(
        self, file: Path, passphrase: bytes, authorities: Sequence[tuple[TimestampAuthority, Sequence[bytes]]]
    ) -> None:
        """Read the file.

        Args:
            file: PKCS #12, with key, certificate and its chain.
            passphrase: of the file.
            authorities: that stamp the seal, each with the certificates (DER) it is believed by.

        Raises:
            UsageError: it cannot be read, the passphrase is wrong, or it holds no key that other tools check.
        """
        self._authorities = authorities
        key, certificate, chain = _opened(file, passphrase)
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register_multiple(_as_asn1(one) for one in chain)
        self.subject = certificate.subject.rfc4514_string()
        self._signer = SimpleSigner(
            signing_cert=_as_asn1(certificate),
            signing_key=keys.PrivateKeyInfo.load(
                key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
            ),
            cert_registry=store,
        )

    def __call__(self, statement: bytes) -> Sealed:
        """Seal a statement, with a time stamp of the first authority that gives one."""
        problems = []
        for authority, roots in self._authorities:
            stamper = _Stamper(authority)
            try:
                signed = self._sign(statement, stamper)
                timestamp.check(*_stamped(signed), roots)
            except (Unreachable, FormatError, TimestampRequestError, OSError, ValueError) as error:
                problems.append(f"{authority.name}: {error}")
                continue
            return Sealed(signed.dump(), self.subject, authority.name, tuple(problems))
        return Sealed(self._sign(statement, None).dump(), self.subject, None, tuple(problems))

    def _sign(self, statement: bytes, stamper: "_Stamper | None") -> cms.ContentInfo:
        signing = self._signer.async_sign_general_data(
            statement, DIGEST, detached=True, use_cades=True, timestamper=stamper
        )
        return asyncio.run(signing)


class _Stamper(TimeStamper):
    def __init__(self, authority: TimestampAuthority) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._authority = authority

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Ask the authority as all else here asks it."""
        return tsp.TimeStampResp.load(self._authority.stamp(req.dump()))


def _stamped(signed: cms.ContentInfo) -> tuple[bytes, bytes]:
    """Give the token of a signature and what it stamps."""
    signer = signed["content"]["signer_infos"][0]
    for attribute in signer["unsigned_attrs"]:
        if attribute["type"].native == "signature_time_stamp_token":
            return attribute["values"][0].dump(), signer["signature"].native
    raise FormatError("a signature without the time stamp that was asked for")


def _opened(
    file: Path, passphrase: bytes
) -> tuple[ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, Certificate, list[Certificate]]:
    try:
        key, certificate, chain = pkcs12.load_key_and_certificates(file.read_bytes(), passphrase)
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"{file}: no PKCS #12 file, or another passphrase") from error
    if certificate is None or not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise UsageError(
            f"{file}: holds no certificate with an RSA or elliptic-curve key; others few tools check"
        )
    return key, certificate, chain


def _as_asn1(certificate: Certificate) -> x509.Certificate:
    return x509.Certificate.load(certificate.public_bytes(Encoding.DER))
