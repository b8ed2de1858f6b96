"""Two or three regions with keys, certificates and a signed directory, for tests of what lies between them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deploy.local.federation import prepare_federation
from services.exchange.members import Members, MembersFile
from services.exchange.members.files import sign_directory
from services.exchange.members.own_keys import SIGNING_CURVE, import_key
from services.exchange.protocol.bodies import write_body
from services.exchange.protocol.envelope import Envelope, Part, derive_id
from services.exchange.protocol.states import Talk
from services.exchange.wire import GENESIS, ChainLink, Jws, SigningKey, letter_payload, sign_letter

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Federation:
    """The files of a federation in a folder. `urls`: region -> where its door for partners is."""

    def __init__(self, folder: Path, urls: dict[str, str]) -> None:
        self.folder = folder
        self.own = {region: folder / "regions" / region for region in urls}
        self.path = prepare_federation(folder / "federation", self.own, urls)

    def file(self, region: str) -> MembersFile:
        """The directory as a service of that region keeps it."""
        return MembersFile(self.path, self.own[region], region)

    def members(self, region: str) -> Members:
        return self.file(region).current()

    @property
    def document(self) -> dict[str, Any]:
        said = json.loads((self.folder / "federation" / "directory-said.json").read_text())
        return {"format": 1, "version": said["version"], **said["said"]}

    @property
    def keeper(self) -> SigningKey:
        jwk = json.loads((self.folder / "federation" / "keeper.json").read_text())
        return SigningKey("keeper-1", import_key(jwk, SIGNING_CURVE))

    def change(self, alter: Callable[[dict[str, Any]], None], *, newer: int = 1) -> None:
        """Signs the directory anew, after changing it; the change is not remembered."""
        document = self.document
        alter(document)
        document["version"] += newer
        self.path.write_bytes(sign_directory(document, self.keeper))


def make_envelope(sender: str = "north", recipient: str = "south", number: int = 1, **changed: Any) -> Envelope:
    """A notice of arrival."""
    body = {
        "registration_id": derive_id(NOON, "registration", number),
        "registered_on": "2026-03-02",
        "moved_in_on": "2026-03-01",
        "residence_kind": "PRIMARY",
    }
    stated = {
        "message_id": derive_id(NOON, "message", sender, number),
        "message_type": "201",
        "schema_version": 1,
        "conversation_id": derive_id(NOON, "conversation", sender, number),
        "conversation_type": Talk.MOVE,
        "seq": 1,
        "sender_jurisdiction": sender,
        "recipient_jurisdiction": recipient,
        "recorded_at": NOON,
        "payload": write_body(body),
        "body_schema_id": 20101,
        "parts": (Part("subject", "ab" * 32),),
    }
    return Envelope(**(stated | changed))


def make_letter(members: Members, envelope: Envelope, link: ChainLink | None = None) -> Jws:
    """Signed by the region whose directory it is."""
    payload = letter_payload(envelope, link or ChainLink(1, GENESIS))
    return sign_letter(payload, members.signing_key(NOON))
