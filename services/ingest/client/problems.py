"""What stops a command of the client: one sentence that says what is wrong, one that says what to do."""


class CannotGoOn(Exception):
    """The command stops here. `sentence` says why, `remedy` what the person at the keyboard can do."""

    def __init__(self, sentence: str, remedy: str = "") -> None:
        self.sentence = sentence
        self.remedy = remedy
        super().__init__(sentence, remedy)

    def __str__(self) -> str:
        return f"{self.sentence} {self.remedy}".rstrip()


class CellRefused(Exception):
    """One cell of a table cannot become the field that the mapping names; the row is refused, the import goes
    on.
    """

    def __init__(self, path: str, rule: str) -> None:
        self.path = path
        self.rule = rule
        super().__init__(path, rule)
