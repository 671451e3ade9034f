"""What can be wrong with an answer, that neither the SDK nor OpenAI's client says so."""

from __future__ import annotations


class NoAnswer(Exception):
    """The endpoint sent something that is no answer of a model, or only the beginning of one."""


class CutOff(Exception):
    """The answer reached the endpoint's limit of length before it said anything of use.

    To ask the same again leads to the same; a model that is told may be shorter.
    """

    def __init__(self) -> None:
        super().__init__("its answer was cut off at the endpoint's limit of length")


class TooLongToWait(Exception):
    """The endpoint wants a longer wait than the run has time for."""

    def __init__(self, seconds: float, seconds_left: float) -> None:
        self.seconds = seconds
        self.seconds_left = seconds_left
        super().__init__(
            f"it asks for a wait of {seconds:.0f} s, and the run has {max(seconds_left, 0):.0f} s "
            "left"
        )
