"""Which tests go to which worker, in which order.

What a worker is given at once is a file, or a folder whose tests have a stack of their own. The longest come first, by
what they took the last time (`tests/durations.py`). Files that use the stack of the session go to one worker while
the other has anything else to do: a second stack costs its start, and half a core for as long as it stands.
"""

from typing import Any

from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

from tests.durations import Durations
from tests.stacks import find_own, find_shared

WORTH_A_STACK_S = 60.0
"""Of waiting files: with fewer, starting a stack would take longer than to leave them to who has one."""


class ByStack(LoadFileScheduling):
    """As `--dist=loadfile`, but a stack is started by one worker only while there is enough else to do."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._durations = Durations.read()
        self._shared: frozenset[str] = frozenset()
        self._at_stack: set[WorkerController] = set()

    def schedule(self) -> None:
        self._shared = find_shared()
        super().schedule()

    def _split_scope(self, nodeid: str) -> str:
        own = find_own(nodeid)
        return own.folder if own else super()._split_scope(nodeid)

    def _reschedule(self, node: WorkerController) -> None:
        if self.workqueue and not node.shutting_down and not self._list_suitable(node):
            node.shutdown()
        else:
            super()._reschedule(node)

    def _assign_work_unit(self, node: WorkerController) -> None:
        chosen = max(self._list_suitable(node) or self.workqueue, key=self._cost)
        if chosen in self._shared:
            self._at_stack.add(node)
        self.workqueue.move_to_end(chosen, last=False)
        super()._assign_work_unit(node)

    def _list_suitable(self, node: WorkerController) -> list[str]:
        """What this worker should have next; nothing where only a few files wait that another one's stack is for."""
        shared = [scope for scope in self.workqueue if scope in self._shared]
        others = [scope for scope in self.workqueue if scope not in self._shared]
        if node in self._at_stack or not self._at_stack:
            return shared or others
        if others or sum(map(self._cost, shared)) < WORTH_A_STACK_S * len(self._at_stack):
            return others
        return shared

    def _cost(self, scope: str) -> float:
        return self._durations.estimate(scope, len(self.workqueue[scope]))
