"""Which part a person belongs to: the same for everybody who was ever named together in a merge."""

from collections.abc import Iterable, Mapping, Set
from zlib import crc32

ID_BYTES = 16


class Router:
    """`roots`: person → the one who stands for their whole group; who was never merged is not in it."""

    def __init__(self, parts: int, roots: Mapping[bytes, bytes]) -> None:
        self.parts, self._roots = parts, roots

    @property
    def merged(self) -> Set[bytes]:
        """Everybody who is in a group."""
        return self._roots.keys()

    def get_part(self, person: bytes) -> int:
        """The part whose fold is this person's."""
        return crc32(self._roots.get(person, person)) % self.parts

    def get_parts(self, people: bytes | Iterable[bytes], event_id: bytes) -> set[int]:
        """The parts where a record has to stand, whoever else speaks of it. An event about nobody stands by its id."""
        each = split_ids(people) if isinstance(people, bytes) else people
        return {self.get_part(person) for person in each} or {crc32(event_id) % self.parts}

    def get_home(self, people: bytes, event_id: bytes) -> int:
        """The one part that writes the event itself."""
        return self.get_part(people[:ID_BYTES]) if people else crc32(event_id) % self.parts


def split_ids(people: bytes) -> list[bytes]:
    """Ids that stand one after the other."""
    return [people[at : at + ID_BYTES] for at in range(0, len(people), ID_BYTES)]
