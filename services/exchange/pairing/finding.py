"""Which records may be meant: ids from keyed indexes, for a whole batch of questions in a few statements.

Two rounds. The first takes what is quick: ids that the partner knows, identifiers, names and their sounds with the
birth date. The second, for whom the first found nobody: birth dates with a slip in them, and addresses together with a
name or a birth date. Whatever is found is compared with the record before it counts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import starmap
from uuid import UUID

from services.exchange.pairing.candidate import sort_identifiers
from services.exchange.particulars.identification import Identification, StatedName
from services.kernel.codec.posts.dates import EPOCH, read_date
from services.kernel.database import Connection, bytea_array, int_array
from services.kernel.privacy.name_index import ADDRESS, NAME, NAME_BIRTH, SOUND_BIRTH, make_digest, spell_with_birth
from services.kernel.privacy.region_key import RegionKey
from services.kernel.privacy.sounds import latinise, list_sounds, sound_of, write_latin
from services.kernel.privacy.spelling import list_names, split_address

FOUND_MAX = 50
"""Of one digest; of more people than this no machine and no office tells one."""
_LINES_MAX = 3

_BY_IDENTIFIER = """
SELECT blind_index, person_id FROM privacy.identifier WHERE blind_index = ANY ($1::text::bytea[])
UNION
SELECT blind_index, person_id FROM privacy.identifier_conflict WHERE blind_index = ANY ($1::text::bytea[])
"""
_BY_DIGEST = """
SELECT asked.digest, found.person_id FROM unnest($1::text::bytea[]) AS asked (digest)
CROSS JOIN LATERAL (SELECT e.person_id FROM lookup.entry AS e WHERE e.digest = asked.digest LIMIT $2) AS found
"""
_BY_DIGEST_AND_BIRTH = """
SELECT asked.number, found.person_id
FROM unnest($1::text::bigint[], $2::text::bytea[], $3::text::bigint[], $4::text::bigint[])
    AS asked (number, digest, first_day, last_day)
CROSS JOIN LATERAL (
    SELECT e.person_id FROM lookup.entry AS e JOIN register.person AS p USING (person_id)
    WHERE e.digest = asked.digest AND p.born_day BETWEEN asked.first_day AND asked.last_day LIMIT $5) AS found
"""
_BY_ADDRESS_AND_NAME = """
SELECT asked.number, found.person_id FROM unnest($1::text::bigint[], $2::text::bytea[], $3::text::bytea[])
    AS asked (number, address, name)
CROSS JOIN LATERAL (
    SELECT e.person_id FROM lookup.entry AS e WHERE e.digest = asked.address
    AND EXISTS (SELECT FROM lookup.entry AS n WHERE n.digest = asked.name AND n.person_id = e.person_id) LIMIT $4
) AS found
"""


class Finder:
    """Finds candidates. `connection` is one of the login that may only look."""

    def __init__(self, region_key: RegionKey) -> None:
        self._region_key = region_key

    async def find_likely(self, connection: Connection, asked: Sequence[Identification]) -> list[set[UUID]]:
        """The first round: for each the ids under which somebody may stand."""
        found: list[set[UUID]] = [set() for _ in asked]
        indexes: dict[bytes, list[int]] = {}
        digests: dict[bytes, list[int]] = {}
        for number, each in enumerate(asked):
            if each.recipient_person_id is not None:
                found[number].add(each.recipient_person_id)
            for kind, compact in _list_identifiers(each):
                indexes.setdefault(self._region_key.blind_index(kind, compact), []).append(number)
            for digest in starmap(self._digest, list_likely_keys(each)):
                digests.setdefault(digest, []).append(number)
        if indexes:
            rows = await connection.fetch(_BY_IDENTIFIER, bytea_array(indexes))
            _add(found, indexes, ((row[0], row[1]) for row in rows))
        if digests:
            rows = await connection.fetch(_BY_DIGEST, bytea_array(digests), FOUND_MAX)
            _add(found, digests, ((row[0], row[1]) for row in rows))
        await self._add_by_period(connection, asked, found)
        return found

    async def find_farther(self, connection: Connection, asked: Sequence[Identification]) -> list[set[UUID]]:
        """The second round."""
        found: list[set[UUID]] = [set() for _ in asked]
        digests: dict[bytes, list[int]] = {}
        for number, each in enumerate(asked):
            for digest in starmap(self._digest, list_farther_keys(each)):
                digests.setdefault(digest, []).append(number)
        if digests:
            rows = await connection.fetch(_BY_DIGEST, bytea_array(digests), FOUND_MAX)
            _add(found, digests, ((row[0], row[1]) for row in rows))
        await self._add_by_address(connection, asked, found)
        return found

    async def _add_by_period(
        self, connection: Connection, asked: Sequence[Identification], found: list[set[UUID]]
    ) -> None:
        """Those whose birth is known to the month or the year only, by their whole names."""
        rows = [
            (number, self._digest(NAME, name), *span)
            for number, each in enumerate(asked)
            if (span := find_span(each)) is not None and span[0] != span[1]
            for name in list_spellings(each)
        ]
        await self._add_rows(connection, rows, found)

    async def _add_by_address(
        self, connection: Connection, asked: Sequence[Identification], found: list[set[UUID]]
    ) -> None:
        lines = [[self._digest(ADDRESS, line) for line in list_lines(each)] for each in asked]
        await self._add_rows(
            connection,
            [
                (number, line, *span)
                for number, each in enumerate(asked)
                if (span := find_span(each)) is not None
                for line in lines[number]
            ],
            found,
        )
        named = [
            (number, line, self._digest(NAME, name))
            for number, each in enumerate(asked)
            for name in list_spellings(each)
            for line in lines[number]
        ]
        if named:
            numbers, addresses, names = zip(*named, strict=True)
            columns = int_array(numbers), bytea_array(addresses), bytea_array(names)
            for row in await connection.fetch(_BY_ADDRESS_AND_NAME, *columns, FOUND_MAX):
                found[row[0]].add(row[1])

    async def _add_rows(
        self, connection: Connection, rows: Sequence[tuple[int, bytes, int, int]], found: list[set[UUID]]
    ) -> None:
        if rows:
            numbers, digests, first, last = zip(*rows, strict=True)
            columns = int_array(numbers), bytea_array(digests), int_array(first), int_array(last)
            for row in await connection.fetch(_BY_DIGEST_AND_BIRTH, *columns, FOUND_MAX):
                found[row[0]].add(row[1])

    def _digest(self, kind: bytes, spelled: str) -> bytes:
        return make_digest(self._region_key, kind, spelled)


def list_likely_keys(asked: Identification) -> Iterator[tuple[bytes, str]]:
    """Kind and spelling of the entries that are looked up in the first round."""
    day = _find_day(asked)
    if day is not None:
        yield from _with_birth(NAME_BIRTH, list_spellings(asked), day)
        yield from _with_birth(SOUND_BIRTH, _list_sounds(asked), day)


def list_farther_keys(asked: Identification) -> Iterator[tuple[bytes, str]]:
    """The same with other days: turned ones for names that only sound alike, slips for names in full."""
    day = _find_day(asked)
    if day is None:
        return
    born = date.fromordinal(day + EPOCH)
    for other in list_slips(born):
        yield from _with_birth(NAME_BIRTH, list_spellings(asked), other.toordinal() - EPOCH)
    turned = turn_day_and_month(born)
    if turned is not None:
        yield from _with_birth(SOUND_BIRTH, _list_sounds(asked), turned.toordinal() - EPOCH)


def _with_birth(kind: bytes, spelled: Iterable[str], day: int) -> Iterator[tuple[bytes, str]]:
    for each in spelled:
        yield kind, spell_with_birth(each, day)


def list_slips(born: date) -> set[date]:
    """Dates that a birth date is often taken for: one of its parts is another, or day and month are turned."""
    slips = {born + timedelta(days=days) for days in (-1, 1)}
    parts = [(year, born.month, born.day) for year in _near_years(born.year)]
    parts += [(born.year, month, born.day) for month in range(1, 13)]
    parts += [(born.year, born.month, day) for day in range(1, 32)]
    parts.append((born.year, born.day, born.month))
    slips |= {made for each in parts if (made := _make_date(*each)) is not None}
    return slips - {born}


def turn_day_and_month(born: date) -> date | None:
    """The date with day and month in each other's place, where that is another date."""
    return _make_date(born.year, born.day, born.month) if born.day != born.month else None


def _near_years(year: int) -> set[int]:
    """A year more or less, ten of them, and its last two digits turned."""
    tens, ones = divmod(year % 100, 10)
    return {year - 10, year - 2, year - 1, year + 1, year + 2, year + 10, year - year % 100 + ones * 10 + tens}


def _make_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _list_identifiers(asked: Identification) -> frozenset[tuple[str, str]]:
    return sort_identifiers([{"kind": each.kind, "value": each.value} for each in asked.identifiers])[0]


def list_spellings(asked: Identification) -> list[str]:
    """All names, spelled as entries are."""
    return list(dict.fromkeys(list_names(asked.to_document())))


def _list_sounds(asked: Identification) -> set[str]:
    """All that an entry may have been made of: how the index splits the name, and each of its words."""
    sounds: set[str] = set()
    named: list[Identification | StatedName] = [asked, *asked.name_variants]
    for each in named:
        family, given, full = each.family_name or "", each.given_names or "", each.full_name or ""
        sounds.update(list_sounds(family, given, full))
        for text in (family, given, full):
            sounds.update(sound_of(word) for word in write_latin(text))
        syllables = latinise(full)
        if len(syllables) > 1:
            sounds.add(sound_of("".join(syllables[1:])))
        sounds.update(sound_of("".join(words)) for text in (family, given) if (words := latinise(text)))
    return sounds


def list_lines(asked: Identification) -> list[str]:
    """Those lines of the last address by which somebody is looked for."""
    address = asked.last_address_at_recipient
    if address is None or not address.lines:
        return []
    lines = split_address("\n".join(address.lines))
    # The whole, and the first ones: further lines are flats and floors, which many share.
    return list(dict.fromkeys([*lines[-1:], *lines]))[:_LINES_MAX]


def _find_day(asked: Identification) -> int | None:
    span = find_span(asked)
    return span[0] if span is not None and span[0] == span[1] else None


def find_span(asked: Identification) -> tuple[int, int] | None:
    """First and last day that the birth date may mean, counted from 1970."""
    if asked.birth_on is None:
        return None
    first, precision = read_date(asked.birth_on)
    return first, first + {"day": 0, "month": 30, "year": 365}[precision]


def _add(found: list[set[UUID]], asked: Mapping[bytes, Sequence[int]], rows: Iterable[tuple[bytes, UUID]]) -> None:
    for key, person_id in rows:
        for number in asked[key]:
            found[number].add(person_id)
