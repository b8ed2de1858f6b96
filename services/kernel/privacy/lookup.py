"""Who would be meant as things are now: the same answers as `people.resolve`, without leaving a trace."""

from collections.abc import Sequence

from services.kernel.database import Connection
from services.kernel.privacy.people import Naming, is_same_date


async def find_people(connection: Connection, namings: Sequence[Naming]) -> list[bytes]:
    """The person id of each naming. Somebody who is not known yet has the id that an event would give."""
    indexes = sorted({naming.indexes[0] for naming in namings if naming.indexes and naming.given is None})
    if not indexes:
        return [naming.given or naming.derived for naming in namings]
    rows = await connection.fetch(
        "SELECT blind_index, person_id, birth_on FROM privacy.identifier WHERE blind_index = ANY($1)", indexes
    )
    first = {row["blind_index"]: (row["person_id"].bytes, row["birth_on"]) for row in rows}
    rows = await connection.fetch(
        "SELECT blind_index, birth_on, person_id FROM privacy.identifier_conflict WHERE blind_index = ANY($1)", indexes
    )
    others = {(row["blind_index"], row["birth_on"]): row["person_id"].bytes for row in rows}
    found = []
    for naming in namings:
        person_id = naming.given or naming.derived
        if naming.given is None and naming.indexes and naming.indexes[0] in first:
            known, birth_on = first[naming.indexes[0]]
            stranger = others.get((naming.indexes[0], naming.birth_on or ""), naming.derived)
            person_id = known if is_same_date(naming.birth_on, birth_on) else stranger
        found.append(person_id)
    return found
