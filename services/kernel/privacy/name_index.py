"""The index by which a named person is found: keyed hashes of what is spelled, and nothing that can be read. Pure.

Kinds of entry: a name, a name with a birth date, a line of an address, and how a part of a name sounds with a birth
date. The last finds who was misspelt, whose names were swapped, who is written in another script or has another family
name now. Whoever finds by any of them compares with the unsealed record: an entry proves nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from services.kernel.privacy.region_key import RegionKey
from services.kernel.privacy.sounds import list_sounds
from services.kernel.privacy.spelling import list_addresses, list_names

# The first byte of a digest says of what it is one: so the index itself is in order by kind.
NAME, NAME_BIRTH, ADDRESS, SOUND_BIRTH = b"\x01", b"\x02", b"\x03", b"\x04"


def make_digest(region_key: RegionKey, kind: bytes, spelled: str) -> bytes:
    """The 17 bytes under which a spelled name or line of an address stands."""
    return kind + region_key.blind_index(f"lookup/{kind[0]}", spelled)


def spell_with_birth(spelled: str, born_day: int) -> str:
    """A spelled name, or how a part of it sounds, together with a birth date."""
    return f"{spelled}/{born_day}"


def list_entries(civil: Mapping[str, Any], born_day: int | None) -> Iterator[tuple[bytes, str]]:
    """Kind and spelling of everything by which somebody with these civil particulars is found."""
    for name in list_names(civil):
        yield NAME, name
        if born_day is not None:
            yield NAME_BIRTH, spell_with_birth(name, born_day)
    if born_day is not None:
        for named in (civil, *(civil.get("name_variants") or ())):
            for sound in list_sounds(named.get("family_name"), named.get("given_names"), named.get("full_name")):
                yield SOUND_BIRTH, spell_with_birth(sound, born_day)
    for line in list_addresses(civil):
        yield ADDRESS, line
