"""What a provider refuses and can be asked without: left out of every later request, and said once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from langchain_core.language_models.chat_models import BaseChatModel

from ...core.errors import RefusedError
from ..servers.streams import STREAMED
from ..spec import ModelSpec
from .refusals import STREAM, Refusal

ENUMERATION: Final = "enumeration"
"""Long lists of legal values in the schema. Answers are checked against them all the same."""
LONG_LIST: Final = 8
"""Values from which on a list counts as long."""

CAP: Final = "max_completion_tokens"
"""The cap on an answer by OpenAI's newer name; without it the older one is sent."""
_CAPS: Final = frozenset({CAP, "max_tokens"})
_SAFE: Final = frozenset({"temperature", "top_p", "seed", "repetition_penalty", "repeat_penalty"})
"""Parameters whose lack changes how an answer is drawn, and not what it may be."""
_GEMINI: Final = {"temperature": "temperature", "top_p": "topP"}


@dataclass
class Concessions:
    """What one model is not sent. Shared by all of its calls.

    Attributes:
        names: of parameters, or `ENUMERATION`.
        reads_pieces: whether an answer in pieces was ever read.
        say: told each once.
    """

    names: frozenset[str] = frozenset()
    reads_pieces: bool = False
    say: Callable[[str], None] = field(default=lambda text: None, repr=False)

    def concede(
        self, error: RefusedError, given: frozenset[str], spec: ModelSpec, schema: Mapping[str, Any]
    ) -> bool:
        """Whether a request that was refused, made without `given`, may be tried with less."""
        name = _conceded(error, schema)
        if name is None or name in given:
            return False
        if name not in self.names:
            self.names |= {name}
            self.say(f"{error.message}: {_SAID.get(name, f'asked without {name} from here on')}")
        return True

    def want_whole(self, why: str) -> None:
        """Ask for no answers in pieces any more."""
        if STREAM not in self.names:
            self.names |= {STREAM}
            self.say(f"{why}: {_SAID[STREAM]}")


_SAID: Final = {
    ENUMERATION: "asked without the list of track ids from here on; picks are checked as before",
    CAP: "the cap on answers is sent as max_tokens from here on",
    STREAM: "asked for whole answers from here on, which cannot be cut off where they go round",
}


def _conceded(error: RefusedError, schema: Mapping[str, Any]) -> str | None:
    if error.kind == Refusal.ENUMERATION:
        return ENUMERATION if without_lists(schema) != schema else None
    if error.kind != Refusal.PARAMETER:
        return None
    if error.parameter == STREAM:
        return STREAM
    return CAP if error.parameter in _CAPS else error.parameter if error.parameter in _SAFE else None


def without_lists(schema: Any) -> Any:
    """The schema without its long enumerations."""
    if isinstance(schema, Mapping):
        long = isinstance(schema.get("enum"), list) and len(schema["enum"]) >= LONG_LIST
        return {key: without_lists(value) for key, value in schema.items() if not (long and key == "enum")}
    return [without_lists(item) for item in schema] if isinstance(schema, list) else schema


def lesser_chat(chat: BaseChatModel, names: frozenset[str], spec: ModelSpec) -> BaseChatModel:
    """The vendor's model without what it was opened with and is not sent."""
    if not names:
        return chat
    if spec.provider == "google_genai":
        fields = {_GEMINI[name] for name in names & _GEMINI.keys()}
        kept = {key: value for key, value in vars(chat)["generation"].items() if key not in fields}
        return chat.model_copy(update={"generation": kept})
    if spec.provider != "openai":
        return chat
    update: dict[str, Any] = dict.fromkeys(names & {"temperature", "top_p"})
    left_out = names | (frozenset(STREAMED) if STREAM in names else frozenset())
    body = {key: value for key, value in (vars(chat).get("extra_body") or {}).items() if key not in left_out}
    if CAP in names and spec.max_output_tokens is not None:
        update["max_tokens"] = None
        body["max_tokens"] = spec.max_output_tokens
    return chat.model_copy(update={**update, "extra_body": body or None})


def lesser_options(options: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    """A call's options without what is not sent."""
    kept = {key: value for key, value in options.items() if key not in names}
    if isinstance(kept.get("options"), Mapping):  # Ollama's
        kept["options"] = {key: value for key, value in kept["options"].items() if key not in names}
    return kept
