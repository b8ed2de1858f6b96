"""Finds out whom each subject of a burst means, and gets the keys to seal with: a key is durable before anything that
was sealed with it is acknowledged."""

from collections.abc import Iterable, Sequence

from services.ingest.pipeline.entry import SERVICE, Entry
from services.kernel.database import Connection
from services.kernel.privacy.data_keys import DataKeys, Holder
from services.kernel.privacy.newcomers import Newcomers, Welcome
from services.kernel.privacy.people import Naming, get_pseudonyms, resolve
from services.kernel.privacy.sealing import DataKey


def prepare(data_keys: DataKeys, entries: Iterable[Entry]) -> Newcomers:
    """Everybody whom the entries name, as far as it can be said before the database is asked."""
    people: list[tuple[Naming, Sequence[str]]] = []
    for entry in _with_replacements(entries):
        if entry.event.context == SERVICE:  # under a pseudonym, which nobody knows yet
            people += [(part, ()) for part in entry.parts]
        else:
            people += [(part, [block.compartment for block, _ in part.blocks]) for part in entry.parts]
    return Newcomers(data_keys, people)


async def identify(
    connection: Connection, data_keys: DataKeys, entries: Iterable[Entry], welcome: Welcome | None
) -> dict[Holder, DataKey]:
    """Sets `name` of every subject of the entries (and replacements): who it is on the log. Returns all keys needed.

    `welcome`: what the database said of exactly these entries when they were claimed; None: it is asked step by step.
    """
    everything = _with_replacements(entries)
    known, keys = (welcome.known, welcome.keys) if welcome else (None, {})
    await resolve(connection, [part for entry in everything for part in entry.parts], known)
    await _name_subjects(connection, everything)
    missing = {
        holder
        for entry in everything
        for part in entry.parts
        for block, _ in part.blocks
        if (holder := (part.name, block.compartment)) not in keys
    }
    if missing:
        newcomers = () if welcome else {part.derived for entry in everything for part in entry.parts}
        keys |= await data_keys.get_or_create(connection, missing, newcomers)
    return keys


def _with_replacements(entries: Iterable[Entry]) -> list[Entry]:
    everything = list(entries)
    return everything + [entry.replacement for entry in everything if entry.replacement is not None]


async def _name_subjects(connection: Connection, entries: Iterable[Entry]) -> None:
    pseudonymous = []
    for entry in entries:
        for part in entry.parts:
            part.name = part.person_id
        if entry.event.context == SERVICE:
            pseudonymous += entry.parts
    if not pseudonymous:
        return
    known = await get_pseudonyms(connection, (part.name for part in pseudonymous))
    for part in pseudonymous:
        part.name = known[part.name]
        part.identified_by = "pseudonym"
