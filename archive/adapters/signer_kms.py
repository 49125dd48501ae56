"""A log key in AWS KMS: Ed25519 or ECDSA P-256. The private key never leaves it."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoRegionError
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from archive.adapters import dripping
from archive.errors import Forbidden, Unreachable, UsageError

DENIED = frozenset({"AccessDeniedException", "UnrecognizedClientException", "InvalidClientTokenId"})


def connect(region: str | None, endpoint: str | None, timeout: float) -> Any:
    """Give a client; credentials come by boto3's own chain.

    Raises:
        UsageError: no region is known, or region or endpoint are none.
    """
    dripping.watch()
    config = Config(connect_timeout=timeout, read_timeout=timeout, retries={"total_max_attempts": 3})
    try:
        return boto3.client("kms", region_name=region, endpoint_url=endpoint, config=config)
    except NoRegionError as error:
        raise UsageError(
            "KMS: in which region? Name the key by its ARN, or set region in [s3] of beleg.toml or AWS_DEFAULT_REGION"
        ) from error
    except ValueError as error:  # botocore's own of region and endpoint are such too
        raise UsageError(f"KMS: {error}") from error


class KmsSigner:
    """Signs with one key of KMS."""

    def __init__(self, connect: Callable[[], Any], key: str) -> None:
        """Sign with the key of this id, alias or ARN, through a client that ``connect`` gives when it is needed."""
        self._connect, self.key = connect, key

    @cached_property
    def _client(self) -> Any:
        return self._connect()

    @cached_property
    def _key(self) -> Ed25519PublicKey | ec.EllipticCurvePublicKey:
        raw = self._ask("get_public_key", "PublicKey")
        try:
            found = load_der_public_key(raw)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise Unreachable(f"KMS: get_public_key with {self.key}: what came is no public key") from error
        if isinstance(found, Ed25519PublicKey):
            return found
        if isinstance(found, ec.EllipticCurvePublicKey) and isinstance(found.curve, ec.SECP256R1):
            return found
        raise UsageError(f"{self.key}: a log key is ECC_NIST_EDWARDS25519 or ECC_NIST_P256, for signing")

    @property
    def public(self) -> bytes:
        """Give the raw public key; see ``Signer.public``."""
        if isinstance(self._key, Ed25519PublicKey):
            return self._key.public_bytes_raw()
        return self._key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def sign(self, data: bytes) -> bytes:
        """Sign; see ``Signer.sign``."""
        algorithm = "ED25519_SHA_512" if isinstance(self._key, Ed25519PublicKey) else "ECDSA_SHA_256"
        return self._ask("sign", "Signature", Message=data, MessageType="RAW", SigningAlgorithm=algorithm)

    def _ask(self, call: str, member: str, **more: object) -> bytes:
        """Ask, and give the one member of the answer that is wanted.

        What answers may be no KMS but what stands before it, with a page or with anything: the library makes an answer
        without members of it, or ends as it may.
        """
        where = f"KMS: {call} with {self.key}"
        try:
            answer = getattr(self._client, call)(KeyId=self.key, **more)
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", "unknown"))
            if code in DENIED:
                raise Forbidden(f"KMS refuses this account {call} with {self.key}: {code}") from error
            raise Unreachable(f"{where}: {code}") from error
        except BotoCoreError as error:
            raise Unreachable(f"KMS: no answer: {dripping.told_of(error) or type(error).__name__}") from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise Unreachable(f"{where}: the answer cannot be read ({error})") from error
        found = answer.get(member)
        if not isinstance(found, bytes):
            raise Unreachable(f"{where}: the answer is none of KMS, without {member}")
        return found
