"""Finds out whom each subject of a burst means, and gets the keys to seal with. Within the claim's transaction:
a key is durable before anything that was sealed with it is acknowledged."""

from collections.abc import Iterable

from services.ingest.pipeline.entry import Entry
from services.kernel.database import Connection
from services.kernel.privacy.data_keys import DataKeys, Holder
from services.kernel.privacy.people import get_pseudonyms, resolve
from services.kernel.privacy.sealing import DataKey


async def identify(connection: Connection, data_keys: DataKeys, entries: Iterable[Entry]) -> dict[Holder, DataKey]:
    """Sets `names` of every entry (and replacement): who its subjects are on the log. Returns all keys needed."""
    everything = [each for entry in entries for each in (entry, entry.replacement) if each is not None]
    await resolve(connection, (naming for entry in everything for naming in entry.namings))
    await _name_subjects(connection, everything)
    holders = {
        (name, block.compartment)
        for entry in everything
        for name, part in zip(entry.names, entry.parts, strict=True)
        for block, _ in part.blocks
    }
    newcomers = {naming.derived for entry in everything for naming in entry.namings}
    return await data_keys.get_or_create(connection, holders, newcomers)


async def _name_subjects(connection: Connection, entries: Iterable[Entry]) -> None:
    pseudonymous = []
    for entry in entries:
        entry.names = [naming.person_id for naming in entry.namings]
        if entry.is_pseudonymous:
            pseudonymous.append(entry)
    if not pseudonymous:
        return
    known = await get_pseudonyms(connection, (name for entry in pseudonymous for name in entry.names))
    for entry in pseudonymous:
        entry.names = [known[name] for name in entry.names]
        for naming in entry.namings:
            naming.identified_by = "pseudonym"
