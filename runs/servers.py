"""What is known of the servers that models are asked on: what each one is, and the forms that it takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

from ..core.errors import FormRefusedError
from ..models.faults.refusals import Refusal
from ..models.request import Form
from ..models.servers.answer_forms import is_looser
from ..models.servers.preflight import ServerFinding
from ..models.spec import ModelSpec
from ..state.values import Agent
from .events import Events
from .plan import RunPlan

LOOSER: Mapping[Form, str] = {"json": "JSON without a schema", "yaml": "a YAML block"}
"""What is asked for in place of an answer that is held to its schema, in words."""


@dataclass
class Servers:
    """Learned before a run or on its way; not kept."""

    _forms: dict[tuple[ModelSpec, Agent], Form] = field(default_factory=dict)
    _answers: dict[tuple[str, str | None], str] = field(default_factory=dict)

    def learn(self, findings: Iterable[ServerFinding], plan: RunPlan) -> None:
        """Keep what preflight found of the plan's models."""
        known = {(finding.spec.name, finding.spec.base_url): finding for finding in findings}
        for agent, spec in plan.models.items():
            finding = known.get((spec.name, spec.base_url))
            if finding is None:
                continue
            if finding.answers is not None:
                self._answers[spec.name, spec.base_url] = finding.answers
            if (
                finding.form is not None
                and is_looser(finding.form, spec.form)
                and spec.answer_format == "auto"
            ):
                self._forms[spec, agent] = finding.form

    def answering(self, spec: ModelSpec) -> str | None:
        """The one model that answers there, whatever is asked for; None where the name decides."""
        return self._answers.get((spec.name, spec.base_url))

    def loosened(self, plan: RunPlan, error: FormRefusedError, events: Events) -> RunPlan:
        """The plan with a looser form where a model does not take the one in which an answer is asked for.

        Conversations that begin from now on ask for it at once. Said once.
        """
        agent, form = Agent(error.agent), cast(Form, error.form)
        refusing = plan.models[agent]
        if is_looser(form, self._forms.get((refusing, agent), refusing.form)):
            events.say(f"{refusing.name} is asked for {LOOSER[form]} from here on: {error.message}")
        # What one agent's schema is refused for is not always all agents'.
        alike = [a for a, spec in plan.models.items() if spec == refusing and error.kind == Refusal.FORMAT]
        acting = list(Agent)
        for each in alike or [agent]:
            if is_looser(form, self._forms.get((refusing, each), refusing.form)):
                self._forms[refusing, each] = form
            acted = acting.index(each) < acting.index(agent)  # on this turn, in the form it had
            plan = plan.asked_for(each, error.turn + acted, form)
        return plan

    def forms(self, plan: RunPlan) -> dict[Agent, list[tuple[int, Form]]]:
        """The forms in which agents' answers had better be asked for from the beginning."""
        known = ((agent, self._forms.get((spec, agent))) for agent, spec in plan.models.items())
        return {agent: [(0, form)] for agent, form in known if form is not None}
