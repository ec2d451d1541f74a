"""`open_model`: from a `ModelSpec` to a LangChain chat model, sent schema and seed its provider's way."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Final

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from pydantic import SecretStr, ValidationError

from ..core.errors import LostAnswerError, ModelSetupError, RefusedError
from .content import Outgoing
from .faults.concessions import ENUMERATION, Concessions, lesser_chat, lesser_options, without_lists
from .faults.failures import carried_answer, model_error
from .faults.transport import Arrival, arrival, watch_response
from .finish import NOT_SENT, REPLACED
from .providers import KEY_VARIABLES, OFFLINE
from .request import Form
from .servers.addresses import NO_KEY, address_of
from .servers.answer_forms import form_options
from .servers.parameters import ollama_options, openai_body
from .servers.streams import STREAMED, watch_answer
from .spec import ModelSpec

EXTRAS = {"google_genai": "gemini", "openai": "openai", "ollama": "ollama"}
"""Provider -> our extra that installs its package."""

WATCHING: Final[Mapping[str, list[Any]]] = {"response": [watch_response]}
"""Hooks of the vendors' httpx clients."""

STREAMING: Final[Mapping[str, list[Any]]] = {"response": [watch_answer]}
"""The same where answers may be cut off while they come."""

RENEWALS = 2
"""How often in a row something that the provider has lost is sent anew within one try."""


@dataclass(frozen=True)
class ChatModel:
    """An open model: LangChain's object and what its provider wants to be told with each call.

    Attributes:
        chat: belongs to the event loop of its first call; None for a model that is known and not open.
        hears: whether clips may be sent to it.
        temperature: of a call that has another one than all others.
        concessions: what the provider has refused and is not sent any more.
        form: how firmly an answer's form is asked for in a call; the model's own way where it is None.
        served: what the server calls the one model that it has, whatever is asked for; None where nobody knows.
    """

    spec: ModelSpec
    chat: BaseChatModel | None = field(repr=False)
    hears: bool = True
    temperature: float | None = None
    concessions: Concessions = field(default_factory=Concessions, compare=False)
    served: str | None = None
    form: Form | None = None

    @property
    def patient(self) -> bool:
        """Whether its answers may take hours; no time limit is set to them then."""
        return False

    def options(self, schema: Mapping[str, Any], seed: int | None) -> dict[str, Any]:
        """Keyword arguments that bind `schema` and `seed` (already cut to size) to one call."""
        vendors_own = not address_of(self.spec, os.environ)
        formed = form_options(
            self.spec.provider, self.form or self.spec.form, schema, vendors_own=vendors_own
        )
        warm = {} if self.temperature is None else {"temperature": self.temperature}
        if self.spec.provider == "ollama":
            return {**formed, "options": {**ollama_options(self.spec, seed), **warm}}
        seeded = {} if seed is None or not self.spec.takes_seed else {"seed": seed}
        return {**formed, **seeded, **warm}

    async def ask(
        self, messages: list[BaseMessage] | Outgoing, schema: Mapping[str, Any], *, seed: int | None = None
    ) -> AIMessage:
        """One answer, without retries; but what the provider has lost of an `Outgoing` is sent anew, and what it
        refuses and can be asked without is left out.

        Raises:
            ModelError: every failure of the vendor's that is known, mapped here and nowhere else.
        """
        outgoing = messages if isinstance(messages, Outgoing) else Outgoing(messages)
        while True:
            given = self.concessions.names
            try:
                return await self._ask_renewing(outgoing, schema, seed)
            except RefusedError as error:
                if not self.concessions.concede(error, given, self.spec, schema):
                    raise

    async def _ask_renewing(
        self, outgoing: Outgoing, schema: Mapping[str, Any], seed: int | None
    ) -> AIMessage:
        for _ in range(RENEWALS):
            try:
                return await self._ask(outgoing, schema, seed)
            except ModelSetupError as error:
                if outgoing.again is None or (renewed := await outgoing.again(error.message)) is None:
                    raise
                outgoing = renewed
        return await self._ask(outgoing, schema, seed)

    async def _ask(self, outgoing: Outgoing, schema: Mapping[str, Any], seed: int | None) -> AIMessage:
        if self.chat is None:
            raise ModelSetupError(
                f"model {self.spec.name!r} is closed here, and was asked",
                hint="only recorded answers are given here; open the model to ask new questions",
            )
        lacking = self.concessions.names
        shown = without_lists(schema) if ENUMERATION in lacking else schema
        options = lesser_options({**self.options(shown, seed), **outgoing.options}, lacking)
        chat = lesser_chat(self.chat, lacking, self.spec)
        with arrival() as came:
            message = await self._answer(chat, outgoing, options, came)
        message.response_metadata |= {REPLACED: came.replaced, NOT_SENT: sorted(lacking)}
        if came.cut_off:
            message.response_metadata["finish_reason"] = came.cut_off
        self.concessions.reads_pieces |= came.in_pieces
        if came.uncounted:
            self.concessions.want_whole(
                f"{self.spec.name}: the tokens of answers in pieces are not counted there"
            )
        return message

    async def _answer(
        self, chat: BaseChatModel, outgoing: Outgoing, options: Mapping[str, Any], came: Arrival
    ) -> AIMessage:
        try:
            return await chat.ainvoke(outgoing.messages, **options)
        except Exception as error:
            carried = carried_answer(error)
            if carried is not None:
                return carried
            known = model_error(error, self.spec, secrets_of(self.chat or chat), came)
            if known is None:
                raise
            if came.in_pieces and isinstance(known, LostAnswerError) and not self.concessions.reads_pieces:
                self.concessions.want_whole(known.message)
            # The vendor's exception may quote what was sent, the key included: no traceback shows it.
            raise known from None

    def headers(self) -> dict[str, str]:
        """With which the server is asked about itself."""
        held = (
            value.get_secret_value() for value in vars(self.chat).values() if isinstance(value, SecretStr)
        )
        key = next((value for value in held if value), None)
        if key is None:
            return {}
        return {"x-goog-api-key": key} if _is_gemini(self.spec) else {"Authorization": f"Bearer {key}"}

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
    stream: bool = False,
    environ: Mapping[str, str] | None = None,
) -> ChatModel:
    """Open the model that `spec` names. Nothing is sent yet.

    Args:
        latency: seconds that the offline model takes for each answer.
        at_once: conversations that ask side by side.
        timeout_s: of one request, where the provider's client takes it.
        stream: a server of one's own is asked for pieces, and an answer that goes round is cut off.
        environ: where keys are looked up; the process's environment by default.

    Raises:
        ModelSetupError: the package or the key is missing, or the provider is not known.
    """
    if spec.provider == OFFLINE:
        from .offline import OfflineChatModel

        width: dict[str, Any] = {"at_once": at_once} if at_once else {}
        return ChatModel(spec, OfflineChatModel(latency=latency, **width))
    environ = os.environ if environ is None else environ
    key, own = _key(spec, environ), stream and (spec.provider == "ollama" or bool(address_of(spec, environ)))
    try:
        gemini = _is_gemini(spec)
        chat = _open_gemini(spec, key, timeout_s) if gemini else _open_other(spec, key, timeout_s, own)
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
    held = (value.get_secret_value() for value in vars(chat).values() if isinstance(value, SecretStr))
    return tuple(value for value in held if value and value != NO_KEY)


def _is_gemini(spec: ModelSpec) -> bool:
    return spec.provider == "google_genai"


def _open_gemini(spec: ModelSpec, key: str | None, timeout_s: float) -> BaseChatModel:
    from .gemini.chat import open_gemini

    return open_gemini(spec, key, timeout_s)


def _open_other(spec: ModelSpec, key: str | None, timeout_s: float, stream: bool) -> BaseChatModel:
    from langchain.chat_models import init_chat_model

    hooks = STREAMING if stream else WATCHING
    named: dict[str, Any] = {"temperature": spec.temperature, "base_url": spec.base_url, "top_p": spec.top_p}
    if spec.provider == "ollama":
        # Its client cannot be closed: a connection is kept for no second call.
        client = {"timeout": timeout_s, "headers": {"Connection": "close"}}
        named |= {"client_kwargs": client, "async_client_kwargs": {"event_hooks": hooks}}
        named |= {"reasoning": None if spec.thinking_budget is None else spec.thinking_budget != 0}
    else:
        named |= {"max_tokens": spec.max_output_tokens, "timeout": timeout_s, "max_retries": 0}
    if spec.provider == "openai":
        # A client of its own: the package's default one is shared with all others, and never closed.
        named["http_async_client"] = import_module("openai").DefaultAsyncHttpxClient(event_hooks=hooks)
        named["extra_body"] = {**openai_body(spec), **(STREAMED if stream else {})} or None
    if key is not None:
        named["api_key"] = SecretStr(key)
    given = {name: value for name, value in named.items() if value is not None}
    chat = init_chat_model(spec.model, model_provider=spec.provider, **given, cache=False)
    if not isinstance(chat, BaseChatModel):
        raise ValueError("it did not open as a chat model")
    return chat


def _key(spec: ModelSpec, environ: Mapping[str, str]) -> str | None:
    """The key of a provider that we know to need one; other providers' packages look for theirs.

    A server elsewhere than the vendor's mostly wants none, and OpenAI's client must have one.
    """
    variables = KEY_VARIABLES.get(spec.provider, ())
    found = next((environ[name] for name in variables if environ.get(name, "").strip()), None)
    if found is None and spec.provider == "openai" and address_of(spec, environ):
        return NO_KEY
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
