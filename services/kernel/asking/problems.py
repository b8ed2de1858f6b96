"""What stops a command: one sentence that says what is wrong, one that says what to do."""


class CannotGoOn(Exception):
    """The command stops here. `sentence` says why, `remedy` what the person at the keyboard can do."""

    def __init__(self, sentence: str, remedy: str = "") -> None:
        self.sentence = sentence
        self.remedy = remedy
        super().__init__(sentence, remedy)

    def __str__(self) -> str:
        return f"{self.sentence} {self.remedy}".rstrip()
