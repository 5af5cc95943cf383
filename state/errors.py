"""Errors that a user is told about: each names its cause and the next step, and has an exit code of its own.

| code | meaning |
|---|---|
| 0 | finished |
| 1 | an error we did not foresee; the run is kept and can be resumed |
| 2 | the command line is wrong |
| 3 | the input cannot be used: paper, base repository, settings, a remark |
| 4 | a budget is spent |
| 5 | the provider, or the server of `--server`, cannot be reached, refuses, or keeps failing |
| 6 | the model's answers stayed unusable after the repair turns |
| 7 | the output cannot be written |
| 8 | another process is working on this run |
| 9 | the generated repository did not run, in part or at all, or its results are off |
| 10 | stopped as asked (`--until`, or waiting for an approval) with work left |
| 11 | what was kept of the run is damaged, or of another version's form |
| 130 | interrupted; the run can be resumed |
| 141 | whatever read the output ended first (`| head`); a run can be resumed |
"""


class PapercoderError(RuntimeError):  # a LangGraph server shows the text of a RuntimeError, and hides an Exception's
    """A foreseen failure.  `cause` says what happened, `next_step` what the user can do about it."""

    exit_code = 1

    def __init__(self, cause: str, next_step: str = "") -> None:
        super().__init__(cause)
        self.cause = cause
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.cause}\n{self.next_step}".strip()


class InputError(PapercoderError):
    exit_code = 3


class BudgetSpent(PapercoderError):
    exit_code = 4


class ProviderError(PapercoderError):
    """The provider failed in a way that another attempt would not mend, or too often."""

    exit_code = 5


class ServerError(PapercoderError):
    """The LangGraph server that shall do the run cannot be reached, refuses, or is none of ours."""

    exit_code = 5


class AnswerUnusable(PapercoderError):
    """Every attempt's answer was refused by its parser."""

    exit_code = 6


class OutputError(PapercoderError):
    exit_code = 7


class RunLocked(PapercoderError):
    exit_code = 8


class ExecutionError(PapercoderError):
    exit_code = 9


class KeptDamaged(PapercoderError):
    """What was kept of a run cannot be read.  Its answers are in the journal all the same."""

    exit_code = 11

    @classmethod
    def of(cls, cause: str, run: str = "RUN") -> "KeptDamaged":
        """With the next step that mends it."""
        return cls(cause, f"Begin anew; what was answered is not asked again: papercoder resume {run} --afresh")


class Interrupted(PapercoderError):
    """The user asked the run to stop; calls in flight were let finish, no new one was begun."""

    exit_code = 130
