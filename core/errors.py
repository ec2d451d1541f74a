"""Every error that segue raises on purpose, as one tree.

SegueError
├── InputError                 the user gave something that cannot be used (exit code 2)
│   ├── CatalogError           a catalogue file, line or field is wrong
│   ├── ChangedRunError        a run's name stands for other settings than those asked for
│   ├── ConfigError            a flag, variable or configuration file is wrong
│   │   └── SettingError       a setting has a value that it cannot have
│   └── NotFoundError          no thread, session, run or track has that id
├── ConversationError          one conversation stopped; names conversation, turn and agent
│   ├── AnswerError            the model's answers stayed invalid after every repair
│   │   └── RecommenderError   a recommender of the user's did not answer, or with what is no answer
│   ├── PartitionError         an agent tried to read or write what is not its own
│   └── MissingMediaError      a modality was asked for and a track lacks it
├── ModelError                 the way to a model failed
│   ├── TransientModelError    worth trying again (429, 500, 503, time-out, dropped connection)
│   │   └── LostAnswerError    sent, and the answer did not come whole
│   ├── QuotaError             exhausted for now; nothing but waiting helps
│   ├── ModelSetupError        missing key, package, unknown model name
│   │   └── RefusedError       the provider refuses the request as it is
│   │       └── FormRefusedError   in the form in which the answer is asked for
│   ├── OversizedAnswerError   an answer went past every bound while it was read
│   ├── MetadataError          a server did not say what it is and what it serves
│   └── PromptError            the offline model was asked what is no prompt of ours
├── UnfitBody                  what came over the wire is not what was promised; told as a ModelError
│   ├── OversizedBody          past the bound on its size; the rest was not read
│   └── HtmlBody               a page of HTML with a good status
├── LedgerMissError            a replay needed a call that was never recorded
├── ReplayDifference           a replay left the stored conversation
├── Interrupted                the user asked to stop (exit code 130)
├── WorkerLostError            one worker ended without a word
├── WorkersLostError           workers were lost again and again
├── BudgetError                the cap on money was reached (exit code 4)
└── StoreError                 the database cannot be read or written
    ├── CacheError             the cache folder cannot be written, or is full
    ├── SchemaVersionError     the store is of another version than this program knows
    └── CorruptionError        stored bytes do not match their digest, or name a forbidden type
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class SegueError(Exception):
    """Root of the tree. `hint` says what to type or change next."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  hint: {self.hint}" if self.hint else self.message

    def __reduce__(self) -> tuple[Any, ...]:
        """Whole in another process, whatever the class is made with."""
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[SegueError], args: tuple[object, ...], said: dict[str, object]) -> SegueError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(said)
    return error


class InputError(SegueError):
    """The user gave something that cannot be used. `setting` names the setting that gave it, where that is known."""

    exit_code = 2
    setting: str | None = None


class ConfigError(InputError):
    """A flag, environment variable or configuration file is wrong."""


class SettingError(ConfigError):
    """A setting has a value that it cannot have.

    Attributes:
        problem: the message without the setting's name.
    """

    def __init__(self, setting: str, problem: str, *, hint: str | None = None) -> None:
        super().__init__(f"{setting}: {problem}", hint=hint)
        self.setting, self.problem = setting, problem


class NotFoundError(InputError):
    """Nothing has that id, or several things do."""

    exit_code = 1


class ChangedRunError(InputError):
    """A name stands for other settings than those asked for; nothing was changed."""

    exit_code = 1


class CatalogError(InputError):
    """A catalogue file cannot be read. Names the file and, where known, line and field."""

    def __init__(
        self,
        message: str,
        *,
        file: object = None,
        line: int | None = None,
        field: str | None = None,
        hint: str | None = None,
    ) -> None:
        parts = [str(file)] if file is not None else []
        parts += [f"line {line}"] if line is not None else []
        parts += [f"field {field!r}"] if field is not None else []
        where = ", ".join(filter(None, parts))
        super().__init__(f"{where}: {message}" if where else message, hint=hint)
        self.file, self.line, self.field = file, line, field


@dataclass(frozen=True)
class Place:
    """Where in a conversation something happened. Turn 0 is the preparation before the first turn."""

    thread_id: str
    turn: int
    agent: str

    def __str__(self) -> str:
        return f"conversation {self.thread_id}, turn {self.turn}, agent {self.agent}"


class ConversationError(SegueError):
    """One conversation stopped; everything before `place` is kept in the store."""

    def __init__(self, message: str, *, place: Place | None = None, hint: str | None = None) -> None:
        super().__init__(f"{place}: {message}" if place else message, hint=hint)
        self.place = place


class AnswerError(ConversationError):
    """The model's answers stayed invalid after every allowed repair; `raw` is the last one, as received."""

    def __init__(
        self, message: str, *, raw: str = "", place: Place | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message, place=place, hint=hint)
        self.raw = raw


class RecommenderError(AnswerError):
    """What sits in the recsys's chair in place of a chat model did not answer, or with what is no answer; `raw` is
    what it answered last, as received."""


class PartitionError(ConversationError):
    """An agent tried to read or write information that is not its own."""


class MissingMediaError(ConversationError):
    """A modality was asked for, and a track of the session lacks it."""


class ModelError(SegueError):
    """The way to a model failed."""


class TransientModelError(ModelError):
    """A failure worth trying again. `retry_after` is what the provider asked for, in seconds."""

    def __init__(self, message: str, *, retry_after: float | None = None, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class LostAnswerError(TransientModelError):
    """The request was sent, and its answer did not come whole; the provider may have billed it."""


class QuotaError(ModelError):
    """The quota is used up; trying again now cannot help."""


class ModelSetupError(ModelError):
    """The model cannot be used as configured: key, package or name."""

    exit_code = 2


class RefusedError(ModelSetupError):
    """The provider refuses the request as it is. `kind`: what for, a value of `models.faults.refusals.Refusal`;
    `parameter`: the one that it does not take, where it is about one."""

    def __init__(
        self, message: str, *, kind: str = "other", parameter: str | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.kind, self.parameter = kind, parameter


class FormRefusedError(RefusedError):
    """The provider does not take the form in which an agent's answer is asked for; `form` is the next looser one,
    to be asked for from `turn` on."""

    def __init__(
        self, message: str, *, kind: str, agent: str, turn: int, form: str, hint: str | None = None
    ) -> None:
        super().__init__(message, kind=kind, hint=hint)
        self.agent, self.turn, self.form = agent, turn, form


class OversizedAnswerError(ModelError):
    """An answer went past the bound on its size while it was read, and the rest was left unread."""


class MetadataError(ModelError):
    """A server did not say what it is. `status`: its answer's, if it answered. `final`: a conversation would come no
    further, as things stand."""

    def __init__(
        self, message: str, *, status: int | None = None, final: bool = False, hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.status, self.final = status, final


class PromptError(ModelError):
    """The offline model was asked something that is not one of our prompts."""


class UnfitBody(SegueError):
    """An answer is no JSON object, or lacks something; the way to the model makes a `ModelError` of it."""


class OversizedBody(UnfitBody):
    """It goes past the bound on an answer's size; the rest was not read."""


class HtmlBody(UnfitBody):
    """With a good status it is a page of HTML."""


class LedgerMissError(SegueError):
    """A replay needed a model call that the ledger does not hold."""


class ReplayDifference(SegueError):
    """The replay left the stored line; `diff` shows where and how, line by line."""

    def __init__(self, message: str, diff: str) -> None:
        super().__init__(f"{message}\n{diff}" if diff else message)
        self.diff = diff


class Interrupted(SegueError):
    """The user asked to stop; everything up to the last finished call is kept."""

    exit_code = 130


class WorkerLostError(SegueError):
    """One worker ended without a word.

    Attributes:
        dead: it certainly writes nothing any more, so what it had claimed may be given away at once.
    """

    def __init__(self, message: str, *, dead: bool = False, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.dead = dead


class WorkersLostError(SegueError):
    """Workers were lost again and again."""


class BudgetError(SegueError):
    """The next call would pass the cap on money."""

    exit_code = 4


class StoreError(SegueError):
    """The store cannot be opened, read or written."""


class CacheError(StoreError):
    """What can be made again cannot be kept: the cache folder is full, or cannot be written."""


class SchemaVersionError(StoreError):
    """The store was written by another version of the schema than this program knows."""


class CorruptionError(StoreError):
    """Stored bytes do not match their digest or name a type that is not allowed."""
