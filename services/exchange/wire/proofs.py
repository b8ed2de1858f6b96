"""Who asks: a signed word in the header `Authorization: DomicileMember …`, where no certificate says it."""

from datetime import datetime, timedelta

from services.exchange.protocol.envelope import canonical_json
from services.exchange.wire.jws import (
    FindKey,
    SigningKey,
    WireError,
    decode_base64url,
    encode_base64url,
    parse_json,
    read_jws,
    sign,
    verify,
)

SCHEME = "DomicileMember"
TYP = "domicile-request+json"
GOOD_FOR = timedelta(minutes=2)
HEADER_CHARACTERS_MAX = 4096


def prove(method: str, target: str, recipient: str, at: datetime, key: SigningKey) -> str:
    """The header's value. `target`: path and query as they are sent."""
    said = {"method": method, "target": target, "recipient": recipient, "at": at.isoformat()}
    return f"{SCHEME} {encode_base64url(sign(canonical_json(said), TYP, key).to_bytes())}"


def find_asker(header: str, method: str, target: str, own: str, at: datetime, find_key: FindKey) -> str:
    """Which region asks. WireError E-TEC-04 or E-TEC-05 where the header does not prove it."""
    scheme, _, proof = header.partition(" ")
    if scheme != SCHEME or len(header) > HEADER_CHARACTERS_MAX:
        raise WireError("E-TEC-04")
    payload, key = verify(read_jws(decode_base64url(proof, "", code="E-TEC-04")), TYP, find_key)
    said = parse_json(payload)
    try:
        fits = (said["method"], said["target"], said["recipient"]) == (method, target, own)
        age = at - datetime.fromisoformat(said["at"])
    except (KeyError, TypeError, ValueError):
        raise WireError("E-TEC-04") from None
    if not fits or abs(age) > GOOD_FOR:
        raise WireError("E-TEC-04")
    return key.owner
