"""Time-stamp authorities of the tests' own, on 127.0.0.1: `openssl ts` behind a small HTTP server."""

import subprocess
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from asn1crypto import cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

CONFIG = """[tsa]
default_tsa = t
[t]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
certs = {folder}/chain.pem
signer_key = {folder}/tsa.key
default_policy = 1.2.3.4.1
other_policies = 1.2.3.4.2
signer_digest = sha256
digests = sha256, sha384, sha512
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


def name_of(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


@dataclass
class Ca:
    """A root of its own."""

    name: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        self.certificate = self.issue(self.name, self.key.public_key(), ca=True)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    def issue(
        self,
        subject: str,
        public: ec.EllipticCurvePublicKey,
        *,
        ca: bool = False,
        days: tuple[int, int] = (-400, 400),
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name_of(subject))
            .issuer_name(name_of(self.name))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + timedelta(days=days[0]))
            .not_valid_after(now + timedelta(days=days[1]))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if not ca:
            usage = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.TIME_STAMPING])
            builder = builder.add_extension(usage, critical=True)
        return builder.sign(self.key, hashes.SHA256())

    def revoke(self, certificate: x509.Certificate, when: datetime) -> bytes:
        now = datetime.now(UTC)
        revoked = (
            x509.RevokedCertificateBuilder().serial_number(certificate.serial_number).revocation_date(when)
        )
        builder = x509.CertificateRevocationListBuilder().issuer_name(name_of(self.name)).last_update(now)
        builder = builder.next_update(now + timedelta(days=9)).add_revoked_certificate(revoked.build())
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)


class Stamper:
    """An authority as a function: request in, answer out."""

    def __init__(
        self, folder: Path, name: str, *, days: tuple[int, int] = (-400, 400), ca: Ca | None = None
    ) -> None:
        folder.mkdir(parents=True)
        self.folder, self.name, self.ca = folder, name, ca or Ca(f"Root of {name}")
        key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self.ca.issue(f"Authority {name}", key.public_key(), days=days)
        (folder / "tsa.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        (folder / "tsa.pem").write_bytes(self.certificate.public_bytes(Encoding.PEM))
        (folder / "chain.pem").write_bytes(self.ca.pem)
        (folder / "roots.pem").write_bytes(self.ca.pem)
        (folder / "serial").write_text("01\n")
        (folder / "openssl.cnf").write_text(CONFIG.format(folder=folder))

    @property
    def roots(self) -> tuple[bytes, ...]:
        return (self.ca.der,)

    def stamp(self, request: bytes) -> bytes:
        (self.folder / "query").write_bytes(request)
        done = subprocess.run(
            ["openssl", "ts", "-reply", "-config", "openssl.cnf", "-queryfile", "query", "-out", "answer"],
            cwd=self.folder, capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
        return (self.folder / "answer").read_bytes()


def redated(stamper: Stamper, answer: bytes, moment: datetime, **accuracy: int) -> bytes:
    """Let an authority lie: its genuine answer with another time, signed anew by its own key."""
    response = tsp.TimeStampResp.load(answer)
    signed = response["time_stamp_token"]["content"]
    info = signed["encap_content_info"]["content"].parsed
    info["gen_time"] = moment
    if accuracy:
        info["accuracy"] = tsp.Accuracy(accuracy)
    text, signer = info.dump(force=True), signed["signer_infos"][0]
    signed["encap_content_info"]["content"] = core.ParsableOctetString(text)
    for attribute in signer["signed_attrs"]:
        if attribute["type"].native == "message_digest":
            attribute["values"] = [sha256(text).digest()]
    key = load_pem_private_key((stamper.folder / "tsa.key").read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    body = signer["signed_attrs"].untag().dump(force=True)
    signer["signature"] = key.sign(body, ec.ECDSA(hashes.SHA256()))
    return bytes(response.dump(force=True))


def crowded(answer: bytes, certificates: Sequence[bytes]) -> bytes:
    """Add certificates to the set that a genuine answer carries, which nobody signed."""
    response = tsp.TimeStampResp.load(answer)
    held = response["time_stamp_token"]["content"]["certificates"]
    for one in certificates:
        held.append(cms.CertificateChoices(name="certificate", value=asn1_x509.Certificate.load(one)))
    return bytes(response.dump(force=True))


class Server:
    """An authority on 127.0.0.1; ``change`` may alter what it answers."""

    def __init__(self, stamper: Stamper) -> None:
        self.stamper = stamper
        self.change: Callable[[bytes, bytes], bytes] = lambda request, answer: answer
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = self.rfile.read(int(self.headers["Content-Length"]))
                body = outer.change(request, outer.stamper.stamp(request))
                self.send_response(200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread: threading.Thread | None = None
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/tsr"

    def start(self) -> "Server":
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def stop(self) -> None:
        if self._thread is not None:
            self._http.shutdown()
            self._thread.join()
            self._thread = None
        self._http.server_close()

    def settings(self) -> str:
        return (
            f"\n[[time.authorities]]\nname = '{self.stamper.name}'\nurl = '{self.url}'\n"
            f"roots = '{self.stamper.folder / 'roots.pem'}'\n"
        )
