"""The answer to a question about a day that no table covers."""

from datetime import date


class RateMissing(Exception):
    """No row of ``table`` covers the day ``on``: what depends on it can't be decided."""

    def __init__(self, table: str, on: date) -> None:
        super().__init__(f"{table} has nothing for {on}")
        self.table = table
        self.on = on
