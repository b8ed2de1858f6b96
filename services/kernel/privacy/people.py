"""Who is meant: from what a sender says about a person to the person's id in this region.

A person is named by id, by an identifier, or not at all. An identifier leads to the first person who came with it; two
offices that race with one identifier get the same person, because the row of the identifier decides. An equal
identifier with another birth date is never matched: it makes another person and a finding.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any
from uuid import uuid4

from msgspec import Struct

from services.kernel.database import Connection, Uuid, bytea_array, uuid_array

OTHER_BIRTH_DATE = "identifier-with-other-birth-date"
OTHER_PERSON = "identifier-of-other-person"
CHECKSUM_BAD = "identifier-checksum-bad"


def derive_person_id(event_id: bytes, role: str, ordinal: int) -> bytes:
    """The id of somebody new: the same event always names the same person (UUID version 8, RFC 9562).

    `ordinal` counts the subjects of one role in an event, from 0.
    """
    hashing = _PERSON_ID()
    hashing.update(event_id + role.encode() + bytes((0, ordinal)))
    return (_from_bytes(hashing.digest(), "big") & _DRAWN | _VERSION_8).to_bytes(16, "big")


_PERSON_ID, _from_bytes = blake2b(digest_size=16, person=b"person id").copy, int.from_bytes
_DRAWN = (1 << 128) - 1 ^ 0xF << 76 ^ 0x3 << 62
_VERSION_8 = 0x8 << 76 | 0x2 << 62


class Naming(Struct, gc=False):
    """How one subject of one event is named, and, once resolved, who it is.

    `given`: the posted person id. `derived`: who it is when nobody is known. `indexes`: blind indexes of the
    identifiers that may match, best first. `birth_on`: ISO date to the day, month or year.
    """

    derived: bytes
    given: bytes | None = None
    indexes: Sequence[bytes] = ()
    birth_on: str | None = None
    person_id: bytes = b""
    identified_by: str = ""
    findings: tuple[str, ...] = ()


class Known(Struct, gc=False):
    """Whom an identifier leads to."""

    person_id: bytes
    birth_on: str | None


def first_of_each(namings: Iterable[Naming]) -> dict[bytes, Known]:
    """Whom each first identifier leads to if it belonged to nobody before: whoever comes first with it."""
    wanted: dict[bytes, Known] = {}
    for naming in namings:
        wanted.setdefault(naming.indexes[0], Known(naming.given or naming.derived, naming.birth_on))
    return wanted


async def resolve(connection: Connection, namings: Iterable[Naming], known: dict[bytes, Known] | None = None) -> None:
    """Sets `person_id`, `identified_by` and `findings` of each.

    `known`: whom the first identifier of each leads to, where that was settled before. Each statement stands for
    itself: done half and then again, it comes to the same.
    """
    by_identifier = []
    for naming in namings:
        if naming.indexes:
            by_identifier.append(naming)
        elif naming.given is not None:
            naming.person_id, naming.identified_by = naming.given, "person_id"
        else:
            naming.person_id, naming.identified_by = naming.derived, "derived"
    if not by_identifier:
        return
    if known is None:
        known = await _claim_indexes(connection, first_of_each(by_identifier))
    learned: dict[bytes, str] = {}
    strangers = [naming for naming in by_identifier if not _match(naming, known[naming.indexes[0]], learned)]
    overtaken = await _keep_birth_dates(connection, learned)
    if overtaken:  # somebody else gave the date meanwhile: whoever was matched without one is looked at again
        again = [n for n in by_identifier if n.identified_by == "identifier" and n.indexes[0] in overtaken]
        strangers += [naming for naming in again if not _match(naming, overtaken[naming.indexes[0]], learned)]
    await _tell_apart(connection, strangers)
    await _claim_further_indexes(connection, [naming for naming in by_identifier if len(naming.indexes) > 1])


async def get_pseudonyms(connection: Connection, person_ids: Iterable[bytes]) -> dict[bytes, bytes]:
    """The random name of each person in the service context, made when there was none."""
    people = [Uuid(person_id) for person_id in sorted(set(person_ids))]
    await connection.execute(
        "INSERT INTO privacy.pseudonym (person_id, pseudonym) SELECT * FROM unnest($1::uuid[], $2::uuid[])"
        " ON CONFLICT DO NOTHING",
        people,
        [uuid4() for _ in people],
    )
    rows = await connection.fetch("SELECT * FROM privacy.pseudonym WHERE person_id = ANY($1)", people)
    return {row["person_id"].bytes: row["pseudonym"].bytes for row in rows}


async def _claim_indexes(connection: Connection, wanted: Mapping[bytes, Known]) -> dict[bytes, Known]:
    """Who each index belongs to, after giving those that belonged to nobody to whoever came first."""
    ordered = sorted(wanted)
    count = await connection.fetchval(
        "WITH claimed AS (INSERT INTO privacy.identifier (blind_index, person_id, birth_on)"
        " SELECT * FROM unnest($1::text::bytea[], $2::text::uuid[], $3::text[]) ON CONFLICT DO NOTHING RETURNING 1)"
        " SELECT count(*) FROM claimed",
        bytea_array(ordered),
        uuid_array(Uuid(wanted[index].person_id) for index in ordered),
        [wanted[index].birth_on for index in ordered],
    )
    if count == len(wanted):
        return dict(wanted)
    rows = await connection.fetch(
        "SELECT * FROM privacy.identifier WHERE blind_index = ANY($1::text::bytea[])", bytea_array(ordered)
    )
    return {row["blind_index"]: Known(row["person_id"].bytes, row["birth_on"]) for row in rows}


def _match(naming: Naming, known: Known, learned: dict[bytes, str]) -> bool:
    """False when the identifier belongs to somebody with another birth date; notes a birth date that was not known,
    or not so well."""
    if naming.given is not None:
        naming.person_id, naming.identified_by = naming.given, "person_id"
        if known.person_id != naming.given:
            naming.findings += (OTHER_PERSON,)
        return True
    if not is_same_date(naming.birth_on, known.birth_on):
        return False
    naming.person_id, naming.identified_by = known.person_id, "identifier"
    if naming.birth_on is not None and (known.birth_on is None or len(naming.birth_on) > len(known.birth_on)):
        known.birth_on = learned[naming.indexes[0]] = naming.birth_on
    return True


def is_same_date(one: str | None, other: str | None) -> bool:
    """Equal as far as both say: 1975 and 1975-03-02 do not contradict each other."""
    return one is None or other is None or one.startswith(other) or other.startswith(one)


async def _keep_birth_dates(connection: Connection, learned: Mapping[bytes, str]) -> dict[bytes, Known]:
    """Keeps what was learned, unless another transaction was faster and says otherwise: those are returned."""
    if not learned:
        return {}
    ordered = sorted(learned)
    rows = await connection.fetch(
        "UPDATE privacy.identifier i SET birth_on ="
        "  CASE WHEN starts_with(said.birth_on, coalesce(i.birth_on, '')) THEN said.birth_on ELSE i.birth_on END"
        " FROM unnest($1::bytea[], $2::text[]) said(blind_index, birth_on)"
        " WHERE i.blind_index = said.blind_index RETURNING i.*",
        ordered,
        [learned[index] for index in ordered],
    )
    return {
        row["blind_index"]: Known(row["person_id"].bytes, row["birth_on"])
        for row in rows
        if not is_same_date(row["birth_on"], learned[row["blind_index"]])
    }


async def _tell_apart(connection: Connection, strangers: Sequence[Naming]) -> None:
    """Gives each (identifier, birth date) that contradicts the first one a person of its own."""
    if not strangers:
        return
    wanted: dict[tuple[bytes, str], bytes] = {}
    for naming in strangers:
        wanted.setdefault((naming.indexes[0], naming.birth_on or ""), naming.derived)
    ordered = sorted(wanted)
    columns: list[list[Any]] = [[index for index, _ in ordered], [birth_on for _, birth_on in ordered]]
    await connection.execute(
        "INSERT INTO privacy.identifier_conflict (blind_index, birth_on, person_id)"
        " SELECT * FROM unnest($1::bytea[], $2::text[], $3::uuid[]) ON CONFLICT DO NOTHING",
        *columns,
        [Uuid(wanted[key]) for key in ordered],
    )
    rows = await connection.fetch(
        "SELECT c.* FROM privacy.identifier_conflict c"
        " JOIN unnest($1::bytea[], $2::text[]) w(blind_index, birth_on) USING (blind_index, birth_on)",
        *columns,
    )
    found = {(row["blind_index"], row["birth_on"]): row["person_id"].bytes for row in rows}
    for naming in strangers:
        naming.person_id = found[naming.indexes[0], naming.birth_on or ""]
        naming.identified_by = "identifier_conflict"
        naming.findings += (OTHER_BIRTH_DATE,)


async def _claim_further_indexes(connection: Connection, namings: Sequence[Naming]) -> None:
    """Lets the other identifiers of a person lead to the same person, unless they lead elsewhere already."""
    wanted: dict[bytes, Known] = {}
    for naming in namings:
        for index in naming.indexes[1:]:
            wanted.setdefault(index, Known(naming.person_id, naming.birth_on))
    if not wanted:
        return
    known = await _claim_indexes(connection, wanted)
    for naming in namings:
        if any(known[index].person_id != naming.person_id for index in naming.indexes[1:]):
            naming.findings += (OTHER_PERSON,)
