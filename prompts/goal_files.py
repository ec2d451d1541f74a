"""The goal templates on disk: one YAML file a topic, four specificities each, read strictly."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Annotated, Any, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ..core.errors import ConfigError
from ..state.values import Expertise, GoalTemplate, Line, Specificity, Topic

_SPECIFICITIES: tuple[Specificity, ...] = get_args(Specificity)
_TOPICS: tuple[Topic, ...] = get_args(Topic)
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Turns = Annotated[int, Field(ge=1, le=8)]


class _Cell(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Line
    listener_goal: Line
    listener_expertise: Expertise
    target_turns: tuple[Turns, Turns]
    needs: tuple[Line, ...]
    initial_examples: tuple[Line, Line]
    iteration_examples: tuple[Line, Line]
    achieved_examples: tuple[Line, Line]

    @model_validator(mode="after")
    def _ordered(self) -> _Cell:
        if self.target_turns[0] > self.target_turns[1]:
            raise ValueError("target_turns must rise")
        return self


class _TopicFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    topic: Topic
    name: Line
    description: Line
    templates: dict[Specificity, _Cell]

    @model_validator(mode="after")
    def _complete(self) -> _TopicFile:
        missing = [s for s in _SPECIFICITIES if s not in self.templates]
        if missing:
            raise ValueError(f"templates lacks {', '.join(missing)}")
        return self

    def expand(self) -> list[GoalTemplate]:
        return [
            GoalTemplate(
                template_id=f"{self.topic}-{specificity}",
                topic=self.topic,
                topic_name=self.name,
                topic_description=self.description,
                specificity=specificity,
                **self.templates[specificity].model_dump(),
            )
            for specificity in _SPECIFICITIES
        ]


@cache
def read_goal_templates() -> tuple[GoalTemplate, ...]:
    """The 44 templates, by topic and then in the order LL, HL, LH, HH.

    Raises:
        ConfigError: for a file that cannot be parsed, a wrong field, or a topic missing or given twice.
    """
    topics: dict[str, _TopicFile] = {}
    for file in sorted((files(__package__) / "goals").iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".yaml"):
            read = parse_topic_file(file.name, file.read_text(encoding="utf-8"))
            if read.topic in topics:
                raise ConfigError(f"{file.name}: topic {read.topic!r} is given twice")
            topics[read.topic] = read
    missing = [topic for topic in _TOPICS if topic not in topics]
    if missing:
        raise ConfigError(f"prompts/goals has no file for topic {', '.join(missing)}")
    return tuple(template for topic in _TOPICS for template in topics[topic].expand())


def parse_topic_file(name: str, text: str) -> _TopicFile:
    """One topic's file.

    Raises:
        ConfigError: it is not YAML, or a field is wrong; names file and field.
    """
    try:
        data: Any = yaml.load(text, Loader=_LOADER)
        return _TopicFile.model_validate(data)
    except yaml.YAMLError as error:
        raise ConfigError(f"{name}: not valid YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "file"
        raise ConfigError(f"{name}: field {field!r}: {first['msg']}") from error
