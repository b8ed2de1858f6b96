"""`domicile geography import`: reads, posts, and says what became of every row."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from services.ingest.client.areas import Loaded
from services.ingest.client.door import open_door
from services.ingest.client.interrupts import stop_on_signals
from services.ingest.client.maps.draft import Draft
from services.ingest.client.maps.sources import draft_files, write_accounts
from services.ingest.client.maps.waves import send_waves
from services.ingest.client.marks import State
from services.ingest.client.progress import open_progress
from services.ingest.client.sending import Sender, Stopped
from services.kernel.asking import CannotGoOn

_REFUSALS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Order:
    """What to import and how. `report`: where rows go that somebody should look at."""

    region: str
    files: tuple[Path, ...]
    form: str
    office: str
    dry_run: bool
    link_same_name: bool
    report: Path | None
    quiet: bool


def import_map(order: Order, url: str | None, token: str | None, tell: Callable[[str], None]) -> Loaded:
    """Posts what follows from the files. A dry run reads them and asks nobody. CannotGoOn if it cannot be done."""
    draft = draft_files(order.files, order.form, order.region, order.office, order.link_same_name)
    for line in describe(draft):
        tell(line)
    if order.report is not None:
        write_accounts(draft.accounts, order.report)
        tell(f"Rows to look at: {order.report}")
    if order.dry_run:
        tell(f"{len(draft.posts):,} events would be posted (dry run)")
        return Loaded(0, 0, [], known=True)
    loaded = _send(order, draft, url, token)
    for code, item in loaded.refused[:_REFUSALS_SHOWN]:
        tell(f"refused area {code}: {item.code} {item.path}\n  rule:   {item.rule}\n  remedy: {item.remedy}")
    tell(f"{loaded.recorded:,} events recorded, {loaded.repeated:,} known already, {len(loaded.refused):,} refused")
    if not loaded.known:
        tell("Ingest does not answer for all areas yet; give the same command again.")
    return loaded


def describe(draft: Draft) -> Iterator[str]:
    """What became of the rows, in sentences."""
    rows = Counter(each.file for each in draft.accounts if each.row)
    for file, count in rows.items():
        yield f"{file}: {count:,} rows"
    gone = sum(not each.row for each in draft.accounts)
    if gone:
        yield f"and {gone:,} codes that a list has no more, which have no row of their own"
    for (outcome, reason), count in sorted(draft.count().items()):
        yield f"  {count:>7,} {outcome}" + (f": {reason}" if reason else "")


def _send(order: Order, draft: Draft, url: str | None, token: str | None) -> Loaded:
    door = open_door(order.region, "geographer", url, token)
    stop = threading.Event()
    settled = 0
    with stop_on_signals(stop), open_progress(order.form, order.quiet) as progress:

        def advance(done: int, total: int) -> None:
            nonlocal settled
            settled = done
            progress.advance(done, total, State(order.region, 0, 0, "", row=done))

        sender = Sender(door, "source=import&outcomes=refused", stop, progress.say)
        try:
            return send_waves(door, draft.posts, sender, advance)
        except Stopped:
            raise CannotGoOn(
                f"Stopped after {settled:,} of {len(draft.posts):,} events.", "Give the same command again."
            ) from None
