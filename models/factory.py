"""`open_model`: from a `ModelSpec` to a LangChain chat model, sent schema and seed its provider's way."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from pydantic import SecretStr, ValidationError

from ..core.errors import ModelSetupError
from .content import Outgoing
from .failures import carried_answer, model_error
from .request import AnswerFormat
from .spec import KEY_VARIABLES, OFFLINE, ModelSpec

EXTRAS = {"google_genai": "gemini", "openai": "openai", "ollama": "ollama"}
"""Provider -> our extra that installs its package."""

RENEWALS = 2
"""How often in a row something that the provider has lost is sent anew within one try."""


@dataclass(frozen=True)
class ChatModel:
    """An open model: LangChain's object and what its provider wants to be told with each call.

    Attributes:
        chat: belongs to the event loop of its first call; None for a model that is known and not open.
        hears: whether clips may be sent to it.
    """

    spec: ModelSpec
    chat: BaseChatModel | None = field(repr=False)
    hears: bool = True

    @property
    def answer_format(self) -> AnswerFormat:
        return self.spec.answer_format

    @property
    def patient(self) -> bool:
        """Whether its answers may take hours; no time limit is set to them then."""
        return False

    def options(self, schema: Mapping[str, Any], seed: int | None) -> dict[str, Any]:
        """Keyword arguments that bind `schema` and `seed` (already cut to size) to one call."""
        if self.spec.provider == "ollama":
            return {"format": dict(schema), "options": _ollama_options(self.spec, seed)}
        seeded = {} if seed is None or not self.spec.takes_seed else {"seed": seed}
        return {**_schema_options(self.spec.provider, schema), **seeded}

    async def ask(
        self, messages: list[BaseMessage] | Outgoing, schema: Mapping[str, Any], *, seed: int | None = None
    ) -> AIMessage:
        """One answer, without retries; but what the provider has lost of an `Outgoing` is sent anew.

        Raises:
            ModelError: every failure of the vendor's that is known, mapped here and nowhere else.
        """
        outgoing = messages if isinstance(messages, Outgoing) else Outgoing(messages)
        for _ in range(RENEWALS):
            try:
                return await self._ask(outgoing, schema, seed)
            except ModelSetupError as error:
                renewed = await outgoing.again(error.message) if outgoing.again else None
                if renewed is None:
                    raise
                outgoing = renewed
        return await self._ask(outgoing, schema, seed)

    async def _ask(self, outgoing: Outgoing, schema: Mapping[str, Any], seed: int | None) -> AIMessage:
        if self.chat is None:
            raise ModelSetupError(
                f"model {self.spec.name!r} is closed here, and was asked",
                hint="only recorded answers are given here; open the model to ask new questions",
            )
        options = {**self.options(schema, seed), **outgoing.options}
        try:
            return await self.chat.ainvoke(outgoing.messages, **options)
        except Exception as error:
            answer = carried_answer(error)
            if answer is not None:
                return answer
            known = model_error(error, self.spec, secrets_of(self.chat))
            if known is None:
                raise
            # The vendor's exception may quote what was sent, the key included: no traceback shows it.
            raise known from None

    async def aclose(self) -> None:
        """Close the connections. To be called on the event loop that the model was used on."""
        for holder in (self.chat, getattr(self.chat, "http_async_client", None)):  # Gemini, OpenAI
            close = getattr(holder, "aclose", None)
            if close is not None:
                await close()


def open_model(
    spec: ModelSpec,
    *,
    latency: float = 0.0,
    at_once: int | None = None,
    timeout_s: float = 120.0,
    environ: Mapping[str, str] | None = None,
) -> ChatModel:
    """Open the model that `spec` names. Nothing is sent yet.

    Args:
        latency: seconds that the offline model takes for each answer.
        at_once: conversations that ask side by side.
        timeout_s: of one request, where the provider's client takes it.
        environ: where keys are looked up; the process's environment by default.

    Raises:
        ModelSetupError: the package or the key is missing, or the provider is not known.
    """
    if spec.provider == OFFLINE:
        from .offline import OfflineChatModel

        width: dict[str, Any] = {"at_once": at_once} if at_once else {}
        return ChatModel(spec, OfflineChatModel(latency=latency, **width))
    key = _key(spec, os.environ if environ is None else environ)
    try:
        chat = _open_gemini(spec, key, timeout_s) if _is_gemini(spec) else _open_other(spec, key, timeout_s)
    except ImportError as error:
        raise _missing_package(spec, error) from None
    except (ValueError, TypeError) as error:
        raise ModelSetupError(
            f"model {spec.name!r} cannot be opened: {_first_line(error)}",
            hint="name it as 'provider:model', and set the provider's key in the environment",
        ) from None
    return ChatModel(spec, chat, hears=_hears(spec))


def closed_model(spec: ModelSpec) -> ChatModel:
    """The model as a replay needs it: known by its parameters, without key or package, and never asked."""
    return ChatModel(spec, None, hears=_hears(spec))


def _hears(spec: ModelSpec) -> bool:
    return spec.provider != "ollama"


def secrets_of(chat: BaseChatModel) -> tuple[str, ...]:
    """The keys that a chat model holds, so that they can be struck out of what others say."""
    held = (value for value in vars(chat).values() if isinstance(value, SecretStr))
    return tuple(value.get_secret_value() for value in held if value.get_secret_value())


def _is_gemini(spec: ModelSpec) -> bool:
    return spec.provider == "google_genai"


def _open_gemini(spec: ModelSpec, key: str | None, timeout_s: float) -> BaseChatModel:
    from .gemini.chat import open_gemini

    return open_gemini(spec, key, timeout_s)


def _open_other(spec: ModelSpec, key: str | None, timeout_s: float) -> BaseChatModel:
    from langchain.chat_models import init_chat_model

    named: dict[str, Any] = {"temperature": spec.temperature, "base_url": spec.base_url}
    if spec.provider == "ollama":
        # Its client cannot be closed: a connection is kept for no second call.
        client = {"timeout": timeout_s, "headers": {"Connection": "close"}}
        named |= {"num_predict": spec.max_output_tokens, "client_kwargs": client}
        named |= {"reasoning": None if spec.thinking_budget is None else spec.thinking_budget != 0}
    else:
        named |= {"max_tokens": spec.max_output_tokens, "timeout": timeout_s, "max_retries": 0}
    if spec.provider == "openai":
        # A client of its own: the package's default one is shared with all others, and never closed.
        named["http_async_client"] = import_module("openai").DefaultAsyncHttpxClient()
    if key is not None:
        named["api_key"] = SecretStr(key)
    given = {name: value for name, value in named.items() if value is not None}
    chat = init_chat_model(spec.model, model_provider=spec.provider, **given, cache=False)
    if not isinstance(chat, BaseChatModel):
        raise ValueError("it did not open as a chat model")
    return chat


def _key(spec: ModelSpec, environ: Mapping[str, str]) -> str | None:
    """The key of a provider that we know to need one; other providers' packages look for theirs."""
    variables = KEY_VARIABLES.get(spec.provider, ())
    found = next((environ[name] for name in variables if environ.get(name, "").strip()), None)
    if variables and found is None:
        raise ModelSetupError(
            f"model {spec.name!r} needs a key, and {' or '.join(variables)} is not set",
            hint=f"export {variables[0]}=…, or use --model offline, which needs none",
        )
    return found.strip() if found else None


def _missing_package(spec: ModelSpec, error: ImportError) -> ModelSetupError:
    extra = EXTRAS.get(spec.provider)
    hint = f"pip install 'segue[{extra}]'" if extra else str(error)
    return ModelSetupError(
        f"model {spec.name!r} needs a package that is not installed ({error.name or spec.provider})",
        hint=hint,
    )


def _first_line(error: Exception) -> str:
    """The reason alone; pydantic's own text also quotes the input, which may be the key."""
    if isinstance(error, ValidationError):
        return "; ".join(detail["msg"] for detail in error.errors(include_input=False, include_url=False))
    return str(error).strip().partition("\n")[0]


def _schema_options(provider: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    if provider == "google_genai":
        return {"responseMimeType": "application/json", "responseJsonSchema": dict(schema)}
    if provider == "openai":
        known = {name: value for name, value in schema.items() if name != "propertyOrdering"}
        named = {"name": str(schema.get("title", "answer")), "schema": known, "strict": True}
        return {"response_format": {"type": "json_schema", "json_schema": named}}
    return {}


def _ollama_options(spec: ModelSpec, seed: int | None) -> dict[str, Any]:
    """All of Ollama's options: what is passed with a call replaces what the model was opened with."""
    named = {"temperature": spec.temperature, "num_predict": spec.max_output_tokens, "seed": seed}
    return {name: value for name, value in named.items() if value is not None}
