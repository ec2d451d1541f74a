"""`WalkModel`: which model writes what is said, and how it is asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from ...agents.asking import REPAIRS
from ...core.settings import require_bounds
from ...models.spec import ModelSpec
from ...prompts.library import PromptLibrary, prompt_library
from ...state.values import WalkAsker
from ..settings.per_model import per_model

ANSWER_TOKENS: Final = 8192
"""All utterances and replies of the longest conversation, at their usual lengths several times over."""


@dataclass(frozen=True)
class WalkModel:
    """A chat model that writes what is said in walked conversations, one call a conversation.

    Attributes:
        name: such as `openai:gpt-4o-mini`, or `offline`.
        temperature, thinking_budget: the provider's own when None.
        base_url: its address, or items such as `openai=URL`; the provider's own when empty.
        prompts: template name -> text, in place of the package's.
        repairs: how often an answer that is none is sent back. More than before ask anew for what was left out.
        extra_body: a JSON object that goes into every request.
    """

    name: str
    temperature: float | None = None
    thinking_budget: int | None = None
    base_url: tuple[str, ...] = ()
    prompts: dict[str, str] = field(default_factory=dict)
    repairs: int = REPAIRS
    extra_body: str | None = None

    def __post_init__(self) -> None:
        require_bounds("repairs", self.repairs, 0, 30)

    def spec(self) -> ModelSpec:
        """The model. Raises `ConfigError` for one that is named wrongly."""
        provider = self.name.partition(":")[0]
        address = per_model("base_url", self.base_url, {WalkAsker.INPAINTER: provider})
        return ModelSpec.of(
            self.name,
            temperature=self.temperature,
            thinking_budget=self.thinking_budget,
            base_url=address[WalkAsker.INPAINTER],
            max_output_tokens=ANSWER_TOKENS,
            extra_body=self.extra_body,
        )

    def library(self) -> PromptLibrary:
        """The templates, under rules that bound what is answered."""
        return prompt_library(self.prompts, rules=2)
