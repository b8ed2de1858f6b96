"""What is wrong with a single row: the rest goes on."""


class CellRefused(Exception):
    """One cell of a table cannot become the field that the mapping names; the row is refused, the import goes
    on.
    """

    def __init__(self, path: str, rule: str) -> None:
        self.path = path
        self.rule = rule
        super().__init__(path, rule)
