"""Finds out whom each subject of a burst means, and gets the keys to seal with: a key is durable before anything that
was sealed with it is acknowledged."""

from collections.abc import Iterable

from services.ingest.pipeline.entry import Entry
from services.kernel.database import Connection
from services.kernel.privacy.data_keys import DataKeys, Holder
from services.kernel.privacy.newcomers import Newcomers, Welcome
from services.kernel.privacy.people import get_pseudonyms, resolve
from services.kernel.privacy.sealing import DataKey


def prepare(data_keys: DataKeys, entries: Iterable[Entry]) -> Newcomers:
    """Everybody whom the entries name, as far as it can be said before the database is asked."""
    people = []
    for entry in _with_replacements(entries):
        for naming, part in zip(entry.namings, entry.parts, strict=True):
            compartments = () if entry.is_pseudonymous else [block.compartment for block, _ in part.blocks]
            people.append((naming, compartments))
    return Newcomers(data_keys, people)


async def identify(
    connection: Connection, data_keys: DataKeys, entries: Iterable[Entry], welcome: Welcome | None
) -> dict[Holder, DataKey]:
    """Sets `names` of every entry (and replacement): who its subjects are on the log. Returns all keys needed.

    `welcome`: what the database said of exactly these entries when they were claimed; None: it is asked step by step.
    """
    everything = _with_replacements(entries)
    known, keys = (welcome.known, welcome.keys) if welcome else (None, {})
    await resolve(connection, (naming for entry in everything for naming in entry.namings), known)
    await _name_subjects(connection, everything)
    holders = {
        (name, block.compartment)
        for entry in everything
        for name, part in zip(entry.names, entry.parts, strict=True)
        for block, _ in part.blocks
    }
    newcomers = () if welcome else {naming.derived for entry in everything for naming in entry.namings}
    return keys | await data_keys.get_or_create(connection, holders - keys.keys(), newcomers)


def _with_replacements(entries: Iterable[Entry]) -> list[Entry]:
    return [each for entry in entries for each in (entry, entry.replacement) if each is not None]


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
