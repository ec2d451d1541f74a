"""What servers of open models are sent besides the messages, by their own names for it."""

from __future__ import annotations

from typing import Any

from ..spec import ModelSpec


def ollama_options(spec: ModelSpec, seed: int | None) -> dict[str, Any]:
    """All of Ollama's options: what is passed with a call replaces what the model was opened with."""
    most = spec.max_output_tokens
    named = {
        **spec.extra_fields,
        "temperature": spec.temperature,
        "top_p": spec.top_p,
        "repeat_penalty": spec.repetition_penalty,
        "num_predict": None if most is None else most + spec.thinking_room,
        "seed": seed,
    }
    return {name: value for name, value in named.items() if value is not None}


def openai_body(spec: ModelSpec) -> dict[str, Any]:
    """What OpenAI's own interface has no field for. Servers call the penalty by one of two names, and pass over the
    other."""
    penalty = spec.repetition_penalty
    named = {} if penalty is None else {"repetition_penalty": penalty, "repeat_penalty": penalty}
    return {**named, **spec.extra_fields}
