"""How far an import has come, kept beside the file so that it can go on after Ctrl-C or a crash."""

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from services.ingest.client.rows import Mark
from services.kernel.asking import CannotGoOn

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class State:
    """Everything before `row` (of marks, see rows.Mark) is settled; counts and the refusals' file belong to
    that.
    """

    region: str
    size: int
    modified_ns: int
    mapping: str
    identity: str = ""
    row: int = 0
    offset: int = 0
    recorded: int = 0
    repeated: int = 0
    refused: int = 0
    rejected_bytes: int = 0
    format: int = _FORMAT

    @property
    def mark(self) -> Mark:
        return Mark(self.row, self.offset)

    def advanced(self, after: Mark, recorded: int, repeated: int, refused: int, rejected_bytes: int) -> "State":
        """The state once one more batch is settled."""
        return replace(
            self,
            row=after.row,
            offset=after.offset,
            recorded=self.recorded + recorded,
            repeated=self.repeated + repeated,
            refused=self.refused + refused,
            rejected_bytes=rejected_bytes,
        )


class StateFile:
    """`FILE.import-state.json`. Written whole or not at all."""

    def __init__(self, path: Path) -> None:
        self.path = path.with_name(path.name + ".import-state.json")

    def find(self, fresh: State) -> State | None:
        """The state left by an unfinished import of the same thing; CannotGoOn if it was another thing."""
        try:
            left = State(**json.loads(self.path.read_text()))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError):
            raise CannotGoOn(f"{self.path} is damaged.", self._restart()) from None
        if left.region != fresh.region:
            raise CannotGoOn(f"An import of this file into {left.region!r} is not finished.", self._restart())
        if left.mapping != fresh.mapping:
            raise CannotGoOn("The mapping is another one than when the import stopped.", self._restart())
        if (left.size, left.modified_ns) != (fresh.size, fresh.modified_ns):
            raise CannotGoOn(f"The file was changed after the import stopped at row {left.row}.", self._restart())
        return left

    def write(self, state: State) -> None:
        """Replaces what is there."""
        draft = self.path.with_name(self.path.name + ".new")
        draft.write_text(json.dumps(asdict(state)))
        os.replace(draft, self.path)

    def remove(self) -> None:
        """The import is finished."""
        self.path.unlink(missing_ok=True)

    def _restart(self) -> str:
        return (
            f"Finish that import first, or start from the first row with --restart, "
            f"which forgets {self.path.name}. "
            "Rows with an event_id of their own are never doubled by that."
        )


def fresh_state(path: Path, region: str, mapping: str, identity: str) -> State:
    """The state of an import that begins. `mapping`: a hash of the mapping file, or nothing."""
    about = path.stat()
    return State(region, about.st_size, about.st_mtime_ns, mapping, identity)
