"""A small certificate authority for the regions of one machine, so that their exchanges can speak over mutual TLS."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from deploy.local.layout import make_secret_file

# Certificates know nothing of the shifted clock of a test.
_SINCE, _UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=365 * 80)


class Authority:
    """Issues certificates; its own key and certificate lie in a folder and are made once."""

    def __init__(self, folder: Path) -> None:
        self.certificate_file = folder / "authority.pem"
        key_file = folder / "authority.key"
        if not (key_file.exists() and self.certificate_file.exists()):
            key = ec.generate_private_key(ec.SECP256R1())
            key_file.unlink(missing_ok=True)
            make_secret_file(key_file, _write_key(key))
            self.certificate_file.write_bytes(_make_root(key).public_bytes(Encoding.PEM))
        loaded = load_pem_private_key(key_file.read_bytes(), None)
        if not isinstance(loaded, ec.EllipticCurvePrivateKey):
            raise TypeError("the authority's key is an elliptic one")
        self._key = loaded
        self._certificate = x509.load_pem_x509_certificate(self.certificate_file.read_bytes())

    def issue(self, folder: Path, name: str) -> None:
        """certificate.pem, certificate.key and authority.pem in the folder, where they are missing.

        For client and server, for the DNS name and this machine's own address.
        """
        target = folder / "certificate.pem"
        if target.exists():
            return
        folder.mkdir(parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        make_secret_file(folder / "certificate.key", _write_key(key))
        (folder / "authority.pem").write_bytes(self.certificate_file.read_bytes())
        target.write_bytes(self._issue(name, key.public_key()).public_bytes(Encoding.PEM))

    def _issue(self, name: str, key: ec.EllipticCurvePublicKey) -> x509.Certificate:
        names = x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ip_address("127.0.0.1"))])
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH])
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return (
            _begin(_name(name), self._certificate.subject, key)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(names, critical=False)
            .add_extension(usage, critical=False)
            .add_extension(authority, critical=False)
            .sign(self._key, SHA256())
        )


def _make_root(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = _name("Domicile local authority")
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        _begin(name, name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )


def _begin(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_SINCE)
        .not_valid_after(_UNTIL)
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _write_key(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
