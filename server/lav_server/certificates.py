"""A certificate authority that signs one server's certificate and is forgotten.

X.509 as RFC 5280 has it, keys on P-256. Needs `lav-bridge[remote]`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from lav_engine.errors import LavError

VALID = timedelta(days=730)
SKEW = timedelta(hours=1)  # that another machine's clock may be slow
USES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
LABEL = "(?!-)[A-Za-z0-9_-]{1,63}(?<!-)"
HOST_NAME = re.compile(rf"(\*\.)?({LABEL}\.)*(?![0-9]+$){LABEL}", re.ASCII)  # no 300.0.0.1
LONGEST_NAME = 253
Extensions = Sequence[tuple[x509.ExtensionType, bool]]  # and whether it is critical


def signed(names: Sequence[str]) -> tuple[bytes, bytes, bytes, datetime]:
    """PEM of the authority, of the server's certificate, of its key; and when they end."""
    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    start = datetime.now(UTC) - SKEW
    authority = (
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (_usage("key_cert_sign"), True),
    )
    server = (
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_usage("digital_signature"), True),
        (x509.ExtendedKeyUsage([x509.OID_SERVER_AUTH]), False),
        (x509.SubjectAlternativeName([_alternative(name) for name in names]), False),
    )
    return (
        _certificate("LAV Bridge authority", ca_key, ca_key, start, authority),
        _certificate("LAV Bridge server", key, ca_key, start, server),
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        start + VALID,
    )


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    start: datetime,
    extensions: Extensions,
) -> bytes:
    builder = (
        x509.CertificateBuilder()
        .issuer_name(_name("LAV Bridge authority"))
        .subject_name(_name(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + VALID)
    )
    for extension, is_critical in extensions:
        builder = builder.add_extension(extension, is_critical)
    return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.OID_COMMON_NAME, text)])


def _usage(wanted: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{use: use == wanted for use in USES})


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        pass
    if len(name) > LONGEST_NAME or HOST_NAME.fullmatch(name) is None:
        raise LavError(
            f"{name!r} is neither a host name nor an IP address.",
            "Write it as clients will, without a port, in plain letters.",
        )
    return x509.DNSName(name)
