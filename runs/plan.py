"""`RunPlan`: everything that decides what the conversations of a run will be, and its fingerprint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NamedTuple, Self

from pydantic import ConfigDict, Field, field_validator

from ..agents.chair.chair import Chair, ReplyBy
from ..agents.chair.spec import MODEL, RecommenderSpec, recommender_of
from ..catalog.catalog import Catalog
from ..catalog.clips.version import CLIP_VERSION
from ..core.errors import ConfigError
from ..core.hashing import digest_of
from ..core.random import stream_seed
from ..core.settings import blaming, faults_of, settings_of
from ..models.providers import OFFLINE
from ..models.request import Form
from ..models.spec import ModelSpec
from ..prompts.layouts import Layout
from ..prompts.library import PromptLibrary, prompt_library
from ..prompts.template_files import ALL_RULES, Rules
from ..sessions.languages import ENGLISH
from ..sessions.personas import PersonaEntry, read_personas
from ..state.channels import RULES_WITH_TRUTH, state_version
from ..state.partition import Partition
from ..state.values import PLAY_ALONE, Action, Agent, Modality
from .preparation.speakers import require_speakers
from .settings.config import ListenerWords, RunConfig
from .settings.layouts import layout_of
from .settings.modalities import parse_modalities
from .settings.per_model import per_model
from .settings.plan_shape import PlanShape

FINGERPRINT_VERSION = 1
"""Raised when the same plan would give other data."""

AUTO = "auto"
_RULES: Mapping[str, Rules] = {str(rules): rules for rules in ALL_RULES}

RUN_ID_LENGTH, THREAD_ID_LENGTH = 10, 12


class SessionRepeat(NamedTuple):
    """One of the conversations on a session, counted from 1."""

    session_id: str
    repeat: int = 1


class RunPlan(PlanShape):
    """A run's parameters, as `RunPlan.of` draws them from a configuration. How many sessions it covers is not among
    them: each conversation stands alone.

    Attributes:
        catalog_digest: of all tracks and sessions.
        prompts_digest: of all templates.
        modalities: what each agent is shown.
        mean_words: mean over listeners of the words in a message.
        repairs: how often an invalid answer is sent back.
        partition: what an ablation widened or narrowed, as `Partition.to_json` gives it.
        prompt_overrides: template name -> text, in place of the package's own; covered by `prompts_digest`.
        layout: in which order prompts are put together.
        answer_rules: what answers must be and how they are repaired; the first for plans of before there were two.
        personas: those given, as a file of theirs says them.
        repeat: which of several conversations on each session; the run is the same, the draws are others.
        answer_forms: agent -> from which turn on its answers are asked for in which form, where that is not the form
            that its model is first asked for. It was found while it was played, and decides no id.
        recsys: who recommends: the recsys's model, or a recommender by its canonical name.
        recsys_reply: who finds the words where a recommender gives none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, allow_inf_nan=False)

    catalog_digest: str
    prompts_digest: str
    models: dict[Agent, ModelSpec]
    modalities: dict[Agent, tuple[Modality, ...]]
    seed: int = settings_of(RunConfig)["seed"].default
    mean_words: ListenerWords = settings_of(RunConfig)["listener_words"].default
    repairs: Annotated[int, Field(ge=0, le=30)] = settings_of(RunConfig)["repairs"].default
    partition: dict[str, list[list[str]]] = Field(default_factory=lambda: Partition().to_json())
    prompt_overrides: dict[str, str] = Field(default_factory=dict)
    layout: Layout = "own"
    answer_rules: Rules = 1
    personas: tuple[PersonaEntry, ...] = ()
    repeat: Annotated[int, Field(ge=1)] = 1
    answer_forms: dict[Agent, list[tuple[int, Form]]] = Field(default_factory=dict)
    recsys: str = MODEL
    recsys_reply: ReplyBy = "template"

    @field_validator("modalities")
    @classmethod
    def _with_text(cls, modalities: dict[Agent, tuple[Modality, ...]]) -> dict[Agent, tuple[Modality, ...]]:
        for agent, shown in modalities.items():
            if "text" not in shown:
                raise ValueError(f"modalities of {agent.value} must include 'text': titles are text")
        return modalities

    @classmethod
    def of(cls, config: RunConfig, catalog: Catalog, prompts: PromptLibrary) -> Self:
        """What a configuration comes to on an opened catalogue and opened templates.

        Raises:
            ConfigError: a modality is asked for that no track has.
        """
        with blaming("modalities"):
            modalities = parse_modalities(config.modalities, catalog.coverage())
        models = {Agent(agent): spec for agent, spec in config.specs().items()}
        seat = _seat(config, models)
        wordless = seat.get("recsys_reply") == "template"
        layout = layout_of(config, models, modalities, prompts, wordless=wordless)
        rules = _rules(config)
        personas = read_personas(config.personas) if config.personas else ()
        _require_rules(config, rules)
        require_speakers(config, personas, models)
        return cls(
            catalog_digest=catalog.digest,
            prompts_digest=prompts.laid_out(layout, rules, actions=config.acts).digest_all(),
            models=models,
            modalities=modalities,
            layout=layout,
            answer_rules=rules,
            repairs=config.repairs,
            seed=config.seed,
            mean_words=config.listener_words,
            **seat,
            prompt_overrides=prompts.overrides,
            personas=personas,
            **config.model_dump(include=set(PlanShape.model_fields)),
        )

    def canonical(self) -> dict[str, Any]:
        """What the fingerprint is made of. Addresses and keys are left out: they do not change the data."""
        usual = {
            name
            for name, setting in settings_of(PlanShape).items()
            if setting.about.data == "where changed" and getattr(self, name) == setting.default
        }
        data = self.model_dump(
            mode="json", exclude={"models", "prompt_overrides", "answer_forms", *usual, *self._as_ever}
        )
        models = {a.value: m.identity() for a, m in self.models.items()}
        return {
            **data,
            "models": models,
            "state_version": state_version(self.answer_rules),
            "fingerprint_version": FINGERPRINT_VERSION,
            **self._clips_canonical(),
        }

    def _clips_canonical(self) -> dict[str, Any]:
        """How clips are cut, where any is heard."""
        heard = any("audio" in modalities for modalities in self.modalities.values())
        return {"clip_version": CLIP_VERSION} if heard else {}

    def config(self, stream: str) -> dict[str, Any]:
        """What the store keeps with a thread that runs under this plan; `load_config` reads it back."""
        return {**self.model_dump(mode="json", exclude=self._as_ever), "stream": stream}

    @property
    def _as_ever(self) -> set[str]:
        """What threads that exist do not have, nor branches of theirs."""
        added = (
            "pipeline",
            "length",
            "language",
            "personas",
            "recsys",
            "recsys_reply",
            "pool",
            "shortlist",
            "retriever",
        )
        names = ("layout", "answer_rules", "repeat", "actions", *added)
        usual = {n for n in names if getattr(self, n) == type(self).model_fields[n].default}
        return usual if self.answer_forms else {*usual, "answer_forms"}

    @property
    def recommender(self) -> RecommenderSpec | None:
        """Who recommends in place of the recsys's model; None where that does."""
        return recommender_of(self.recsys)

    def chair(self, stream: str) -> Chair | None:
        """The same as an agent knows it, in the conversation of that random stream."""
        spec = self.recommender
        return None if spec is None else Chair(spec.name, spec.model, self.recsys_reply, stream)

    def repeated(self, repeat: int) -> Self:
        """The plan of the first, second … conversation on each session."""
        return self if repeat == self.repeat else self.model_copy(update={"repeat": repeat})

    @property
    def draw_seed(self) -> int:
        """Of what is drawn from a session."""
        return self.seed if self.repeat == 1 else stream_seed(self.seed, "repeat", self.repeat)

    def library(self) -> PromptLibrary:
        """The templates that it names, laid out and under the rules that it says."""
        return prompt_library(self.prompt_overrides, self.layout, self.answer_rules, actions=self.acts)

    def asked_for(self, agent: Agent, turn: int, form: Form) -> Self:
        """The same with an agent's answers asked for in another form from a turn on."""
        before = [(start, other) for start, other in self.answer_forms.get(agent, ()) if start < turn]
        return self.model_copy(update={"answer_forms": {**self.answer_forms, agent: [*before, (turn, form)]}})

    @property
    def run_id(self) -> str:
        """Short digest of the plan: the same command gives the same run."""
        return digest_of(self.repeated(1).canonical())[:RUN_ID_LENGTH]

    def thread_id(self, session_id: str) -> str:
        """Id of the conversation on `session_id`; nothing else of the run decides it."""
        return digest_of([self.canonical(), session_id])[:THREAD_ID_LENGTH]

    def stream(self, session_id: str) -> str:
        """Name of the conversation's random stream, part of every ledger key."""
        return f"{stream_seed(self.draw_seed, session_id, 'conversation'):016x}"


def _seat(config: RunConfig, models: Mapping[Agent, ModelSpec]) -> dict[str, Any]:
    """Who recommends and who finds the words, where it is not the recsys's model that does both."""
    spec = config.recommender()
    if spec is None:
        return {}
    reply = config.recsys_reply
    if reply == "auto":
        reply = "template" if models[Agent.RECSYS].provider == OFFLINE else "model"
    return {"recsys": spec.name, "recsys_reply": reply}


def _rules(config: RunConfig) -> Rules:
    """The newest; those before them for a goal template of the user's own, which offers no criteria."""
    if config.answer_rules != AUTO:
        return _RULES[config.answer_rules]
    worded = any(name.removeprefix("shared/").startswith("goal") for name in config.prompt_files)
    return earlier_rules(config) if worded else ALL_RULES[-1]


def earlier_rules(config: RunConfig) -> Rules:
    """What `auto` was before there were third rules: the second as soon as a real model plays."""
    return 1 if all(spec.provider == OFFLINE for spec in config.specs().values()) else 2


def third_rules_alone(config: RunConfig) -> tuple[str, ...]:
    """Names of settings that only the third rules of answers have: under them alone a listener knows when it is done
    and is told in which language to speak, and a recsys may do something else than play."""
    given = {
        "length": config.length != "fixed",
        "language": config.language != ENGLISH,
        "personas": config.personas is not None,
        "actions": config.acts,
    }
    return tuple(name for name, changed in given.items() if changed)


def _require_rules(config: RunConfig, rules: Rules) -> None:
    """Raises `ConfigError` for a setting that these rules do not have."""
    for name in third_rules_alone(config) if rules < RULES_WITH_TRUTH else ():
        with blaming(name):
            raise ConfigError(
                f"--{name} is for the third rules of answers, and these conversations are of rules {rules}",
                hint="add --answer-rules 3",
            )


def require_action_rules(actions: Sequence[Action], rules: Rules) -> None:
    """Raises `ConfigError` for a recsys that may do something else than play under rules that know nothing of it."""
    if tuple(actions) != PLAY_ALONE and rules < RULES_WITH_TRUTH:
        raise ConfigError(
            f"actions {', '.join(actions)} are for the third rules of answers, and these conversations are of rules "
            f"{rules}",
            hint="play the conversations under --answer-rules 3",
        )


def readdressed(models: Mapping[Agent, ModelSpec], base_url: Sequence[str]) -> dict[Agent, ModelSpec]:
    """The models at other addresses, those for which `base_url` names one.

    Raises:
        SettingError: what is named is no address.
    """
    found = per_model("base_url", base_url, {agent.value: spec.provider for agent, spec in models.items()})
    with faults_of({"base_url"}, "base_url"):
        return {
            agent: spec
            if (url := found[agent.value]) is None
            else ModelSpec(**{**spec.model_dump(), "base_url": url})
            for agent, spec in models.items()
        }


def load_config(config: Mapping[str, Any]) -> tuple[RunPlan, str]:
    """The plan and the name of the random stream that a thread runs under."""
    data = dict(config)
    stream = str(data.pop("stream"))
    return RunPlan.model_validate(data), stream
