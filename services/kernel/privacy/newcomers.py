"""People of a burst who may be new: the arguments of the SQL function `privacy.welcome`, and what it answers.

Most people of a burst either are new or are named by an identifier that leads to somebody. So keys are made for all
who may be new before anybody is asked, and the database keeps those of them who are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.kernel.database import Uuid, bytea_array, uuid_array
from services.kernel.privacy.data_keys import DataKeys, Holder
from services.kernel.privacy.people import Known, Naming, first_of_each
from services.kernel.privacy.sealing import DataKey


@dataclass(slots=True)
class Welcome:
    """`known`: whom each identifier leads to. `keys`: of newcomers; others are found in the usual way."""

    known: dict[bytes, Known]
    keys: dict[Holder, DataKey]


@dataclass(slots=True)
class _Candidate:
    key_id: Uuid
    holder: Holder
    index: bytes | None


class Newcomers:
    """`people`: how each subject is named, with the compartments of its particulars; none under a pseudonym."""

    def __init__(self, data_keys: DataKeys, people: Sequence[tuple[Naming, Sequence[str]]]) -> None:
        self._known = first_of_each(naming for naming, _ in people if naming.indexes)
        self._candidates = sorted(self._find_candidates(data_keys, people), key=lambda one: one.key_id)
        self._made = data_keys.make([one.key_id for one in self._candidates])

    def arguments(self) -> tuple[str, ...]:
        """Of `privacy.welcome`, each as text to be cast to an array."""
        ordered = sorted(self._known)
        people = [self._known[index] for index in ordered]
        return (
            bytea_array(ordered),
            uuid_array(Uuid(one.person_id) for one in people),
            "{" + ",".join([one.birth_on or "NULL" for one in people]) + "}",
            uuid_array(one.key_id for one in self._candidates),
            bytea_array(wrapped for _, wrapped in self._made),
            bytea_array(one.index for one in self._candidates),
        )

    def read(self, row: Mapping[str, Any]) -> Welcome:
        """What the function answered."""
        indexes = row["known_indexes"]
        others = {}
        if indexes:
            columns = zip(indexes, row["known_persons"], row["known_birth_dates"], strict=True)
            others = {index: Known(person_id.bytes, birth_on) for index, person_id, birth_on in columns}
        kept = [
            (one, plain)
            for one, (plain, _) in zip(self._candidates, self._made, strict=True)
            if one.index not in others
        ]
        if row["keys_kept"] < len(kept):  # somebody has one already; which of them is for the slow way to say
            kept = []
        keys = {one.holder: DataKey(one.key_id, AESGCM(plain)) for one, plain in kept}
        return Welcome(self._known | others, keys)

    def _find_candidates(self, data_keys: DataKeys, people: Sequence[tuple[Naming, Sequence[str]]]) -> list[_Candidate]:
        found = []
        for naming, compartments in people:
            if naming.given is not None:
                continue
            index = naming.indexes[0] if naming.indexes else None
            if index is None or self._known[index].person_id == naming.derived:
                for compartment in compartments:
                    holder = (naming.derived, compartment)
                    found.append(_Candidate(data_keys.key_id(holder), holder, index))
        return found
