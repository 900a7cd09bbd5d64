"""What the process answers, as plain data between the two sides."""


class Refused(Exception):
    """A file that is not taken, or not shown; `reason` is the slug of the problem."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)
