"""Which tests go to one worker: those of a file, and those of a folder that has a stack of its own."""

from xdist.scheduler import LoadFileScheduling

from tests.stacks import find_own


class ByStack(LoadFileScheduling):
    """As `--dist=loadfile`, but a stack that only one folder uses is started by one worker only."""

    def _split_scope(self, nodeid: str) -> str:
        own = find_own(nodeid)
        return own.folder if own else super()._split_scope(nodeid)
