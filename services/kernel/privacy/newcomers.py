"""People of a burst who may be new: the arguments of the SQL function `privacy.welcome`, and what it answers.

Most people of a burst either are new or are named by an identifier that leads to somebody. So keys are made for all
who may be new before anybody is asked, and the database keeps those of them who are.

What is said of so many people goes in one value each for identifiers and keys, in rows of one length, in the order of
ids: reading arrays costs the database more than reading their rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.kernel.database import Uuid
from services.kernel.privacy.data_keys import DataKeys, Holder
from services.kernel.privacy.people import Known, Naming
from services.kernel.privacy.sealing import DataKey

DATE_LENGTH = 10
NOBODY = bytes(16)
"""In place of a blind index: whoever this key is for is new without one."""


@dataclass(slots=True)
class Welcome:
    """`known`: whom each identifier leads to. `keys`: of newcomers; others are found in the usual way."""

    known: dict[bytes, Known]
    keys: dict[Holder, DataKey]


class Newcomers:
    """`people`: how each subject is named, with the compartments of its particulars; none under a pseudonym."""

    def __init__(self, data_keys: DataKeys, people: Sequence[tuple[Naming, Sequence[str]]]) -> None:
        known: dict[bytes, Known] = {}
        candidates: list[tuple[bytes, Holder, bytes]] = []
        for naming, compartments in people:
            given, derived, index = naming.given, naming.derived, NOBODY
            if naming.indexes:
                index = naming.indexes[0]
                first = known.get(index)
                if first is None:
                    known[index] = Known(given or derived, naming.birth_on)
                elif first.person_id != derived:
                    continue
            if given is None:
                name_key = data_keys.name_key
                candidates += [(name_key(derived, each), (derived, each), index) for each in compartments]
        candidates.sort(key=itemgetter(0))
        self._known, self._candidates = known, candidates
        self._made = data_keys.make([key_id for key_id, _, _ in candidates])

    def arguments(self) -> tuple[bytes, bytes]:
        """Of `privacy.welcome`: identifiers and keys."""
        identifiers: list[bytes] = []
        for index, one in sorted(self._known.items()):
            identifiers += (index, one.person_id, (one.birth_on or "").ljust(DATE_LENGTH).encode())
        keys: list[bytes] = []
        for (key_id, _, index), (_, wrapped) in zip(self._candidates, self._made, strict=True):
            keys += (key_id, wrapped, index)
        return b"".join(identifiers), b"".join(keys)

    def read(self, row: Mapping[str, Any]) -> Welcome:
        """What the function answered."""
        indexes = row["known_indexes"]
        others = {}
        if indexes:
            columns = zip(indexes, row["known_persons"], row["known_birth_dates"], strict=True)
            others = {index: Known(person_id.bytes, birth_on) for index, person_id, birth_on in columns}
        keys = {
            holder: DataKey(Uuid(key_id), AESGCM(plain))
            for (key_id, holder, index), (plain, _) in zip(self._candidates, self._made, strict=True)
            if index not in others
        }
        if row["keys_kept"] < len(keys):  # somebody has one already; which of them is for the slow way to say
            keys = {}
        self._known.update(others)
        return Welcome(self._known, keys)
