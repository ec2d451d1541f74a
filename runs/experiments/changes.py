"""What a user wants to be done differently, as a `Change` of a conversation's plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...agents.chair.chair import ReplyBy
from ...agents.chair.spec import MODEL, recommender_of
from ...core.errors import ConfigError
from ...core.settings import faults_of
from ...models.providers import OFFLINE, TAKERS
from ...models.spec import ModelSpec
from ...prompts.library import PromptLibrary
from ...state.values import PLAY_ALONE, Action, Agent
from ..plan import RunPlan, readdressed, require_action_rules
from ..seating import require_no_truth
from ..settings.modalities import parse_modalities
from ..settings.plan_shape import read_actions
from ..settings.prompt_overrides import prompt_overrides
from .fork import Change


def change_of(
    plan: RunPlan,
    agent: Agent,
    *,
    say: str | None = None,
    track: str | None = None,
    model: str | None = None,
    base_url: Sequence[str] = (),
    prompt: Sequence[str] = (),
    modalities: Sequence[str] = (),
    seed: int | None = None,
    reason: str = "",
    recsys: str | None = None,
    recsys_reply: str | None = None,
    actions: Sequence[str] | str | None = None,
) -> Change:
    """A change of a conversation's plan, from what a user names.

    Args:
        agent: who does something else; `model` is its.
        base_url, prompt, modalities: what is for all, or items such as `recsys=URL`.
        recsys, recsys_reply: who recommends from there on (a recommender, or `model`), and who finds the words.
        actions: what the recsys may do from there on: `play,ask`, or one by one.

    Raises:
        ConfigError: a model, template, modality or action that cannot be; words that no text holds, or none.
    """
    _require_text(say=say, reason=reason)
    specs = _specs(plan, agent, model, base_url)
    fields: dict[str, Any] = {} if model is None and not base_url else {"models": _told(specs)}
    if prompt:
        fields["prompt_overrides"] = {**plan.prompt_overrides, **prompt_overrides(tuple(prompt))}
    if modalities:
        fields["modalities"] = _shown(plan, modalities)
    if actions is not None:
        fields |= allowed(plan, _actions(actions), fields.get("prompt_overrides", plan.prompt_overrides))
    if recsys is not None or recsys_reply is not None:
        fields |= _seated(plan, agent, specs, recsys, recsys_reply)
    return Change(say=say, track_id=track, plan=fields, seed=seed, reason=reason)


def _told(specs: Mapping[Agent, ModelSpec]) -> dict[str, Any]:
    return {agent.value: spec.model_dump(mode="json") for agent, spec in specs.items()}


def _seated(
    plan: RunPlan,
    agent: Agent,
    specs: Mapping[Agent, ModelSpec],
    recsys: str | None,
    recsys_reply: str | None,
) -> Mapping[str, Any]:
    _require_recsys(agent)
    require_no_truth(recsys or MODEL)
    return seated(plan, specs[Agent.RECSYS], recsys, recsys_reply)


def _specs(
    plan: RunPlan, agent: Agent, model: str | None, base_url: Sequence[str]
) -> Mapping[Agent, ModelSpec]:
    own = {} if model is None else {agent: _spec(model, plan.models[agent])}
    return readdressed({**plan.models, **own}, base_url)


def _require_recsys(agent: Agent) -> None:
    if agent is not Agent.RECSYS:
        raise ConfigError(f"--recsys and --agent {agent.value} do not go together", hint="use --agent recsys")


def allowed(plan: RunPlan, actions: Sequence[Action], texts: Mapping[str, str]) -> dict[str, Any]:
    """What the recsys may do, as fields of a plan.

    Args:
        texts: templates in place of the package's own.

    Raises:
        ConfigError: the plan's rules know of nothing but tracks.
    """
    require_action_rules(actions, plan.answer_rules)
    library = PromptLibrary(texts).laid_out(
        plan.layout, plan.answer_rules, actions=tuple(actions) != PLAY_ALONE
    )
    return {"actions": tuple(actions), "prompts_digest": library.digest_all()}


def _actions(given: Sequence[str] | str) -> tuple[Action, ...]:
    try:
        return read_actions(given)
    except ValueError as error:
        raise ConfigError(
            f"--actions {given if isinstance(given, str) else ','.join(given)}: {error}"
        ) from error


def seated(plan: RunPlan, model: ModelSpec, recsys: str | None, reply: str | None = None) -> dict[str, Any]:
    """Who recommends and who finds the words, as fields of a plan.

    Args:
        model: the recsys's.
    """
    if reply not in (None, "auto", "model", "template"):
        raise ConfigError(f"--recsys-reply {reply!r}: it must be auto, model or template")
    spec = recommender_of(plan.recsys if recsys is None else recsys)
    if spec is None:
        if reply not in (None, "auto"):
            raise ConfigError(f"--recsys-reply {reply}: a chat model recommends, which finds its own words")
        return {"recsys": MODEL, "recsys_reply": "template"}
    kept = plan.recsys_reply if plan.recommender is not None and reply is None else None
    usual: ReplyBy = "template" if model.provider == OFFLINE else "model"
    return {"recsys": spec.name, "recsys_reply": reply if reply in ("model", "template") else kept or usual}


def _require_text(**said: str | None) -> None:
    if (words := said["say"]) is not None and not words.strip():
        raise ConfigError(f"--say {words!r}: it is empty, and a message is not")
    for name, words in said.items():
        try:
            (words or "").encode()
        except UnicodeEncodeError as error:  # bytes of a command line that are no UTF-8, half a pair
            raise ConfigError(f"--{name} {words!r}: character {error.start + 1} is none of a text") from error


def _shown(plan: RunPlan, modalities: Sequence[str]) -> dict[str, list[str]]:
    """A branch shows nothing that was not prepared for its trunk."""
    have = {m for shown in plan.modalities.values() for m in shown}
    there = {"track_name": 1, "audio": int("audio" in have), "cover": int("image" in have)}
    shown = parse_modalities(modalities, there, otherwise=plan.modalities)
    return {agent.value: list(kinds) for agent, kinds in shown.items()}


def _spec(name: str, like: ModelSpec) -> ModelSpec:
    """The model with the parameters of another; with another provider, those that it has a place for."""
    kept, provider = like.model_dump(exclude={"name"}), name.partition(":")[0]
    if provider != like.provider:
        foreign = {n for n, takers in TAKERS.items() if provider not in takers}
        foreign |= set() if like.provider == OFFLINE else {"base_url"}
        kept = {n: value for n, value in kept.items() if n not in foreign}
    with faults_of((), "model", f"model {name!r}: "):
        return ModelSpec(name=name, **kept)
