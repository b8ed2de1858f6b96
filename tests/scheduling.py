"""Which tests go to one worker: those of a file, and those of a folder that has a stack of its own."""

from xdist.scheduler import LoadFileScheduling

WITH_A_STACK_OF_THEIR_OWN = ("tests/golden/", "tests/projections/analysis/", "tests/exchange/journeys/")


class ByStack(LoadFileScheduling):
    """As `--dist=loadfile`, but a stack that only one folder uses is started by one worker only."""

    def _split_scope(self, nodeid: str) -> str:
        folder = next((each for each in WITH_A_STACK_OF_THEIR_OWN if nodeid.startswith(each)), None)
        return folder or super()._split_scope(nodeid)
