"""Reports on stored verdicts: what judges found, and how far they can be trusted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ...checkpoints.store.judgements import Judgement, Judgements
from ...core.drawing import require_drawing
from ...core.errors import NotFoundError
from ...core.settings import items
from ...core.suggestions import choices
from ...evaluation.judging.agreement import Agreement, agreements, read_ratings
from ...evaluation.judging.asking import JudgeSelection
from ...evaluation.judging.aspects import choose_aspects
from ...evaluation.judging.calibration import JudgeCalibration
from ...evaluation.judging.html_report import write_page
from ...evaluation.judging.judge import settings_words
from ...evaluation.judging.plots import write_pictures
from ...evaluation.judging.published import SOURCE
from ...evaluation.judging.rendering import rubric_digest
from ...evaluation.judging.report import JudgeReport, report_judges
from ...evaluation.judging.tables import agreement_table, calibration_table, report_tables, steadiness_table
from ...prompts.library import PromptLibrary
from ...runs.settings.prompt_overrides import prompt_overrides
from ..playing import Overrides
from ..store import DEFAULT_STORE, Address, OpenStore, reading

__all__ = [
    "SOURCE",
    "Agreement",
    "JudgeCalibration",
    "JudgeReport",
    "agreement",
    "agreement_table",
    "calibration_table",
    "judge_report",
    "report_tables",
    "require_drawing",
    "settings_words",
    "steadiness_table",
    "write_page",
    "write_pictures",
]


def judge_report(
    selection: JudgeSelection | None = None,
    *,
    models: Sequence[str] = (),
    aspects: Sequence[str] = (),
    prompt: Overrides = (),
    store: OpenStore | Address = DEFAULT_STORE,
) -> list[JudgeReport]:
    """A report on the stored verdicts for each judge; nobody is asked.

    Args:
        selection: the conversations that are meant; all by default.
        models: only these judges.
        prompt: the rubrics that they were given; verdicts under others are counted as outdated.

    Raises:
        NotFoundError: no such store, or no such verdict in it.
    """
    prompts = PromptLibrary(prompt_overrides(prompt))
    rubrics = {aspect.name: rubric_digest(prompts, aspect) for aspect in choose_aspects(())}
    with reading(store) as opened:
        found = report_judges(_verdicts(opened, selection, models, aspects), rubrics)
        reports = [replace(one, store=opened.url, runs=_runs_of(opened, one)) for one in found]
    if not reports:
        raise NotFoundError("the store holds no such verdict", hint="`segue judge` makes them")
    return reports


def _runs_of(store: OpenStore, report: JudgeReport) -> list[str]:
    """The runs of the judged conversations: their names, or their ids where they have none."""
    if report.source != "thread":
        return []
    ids = store.reader.threads.run_ids(report.case_ids)
    return [" = ".join(run.names) or run.run_id for run in store.runs() if run.run_id in ids]


def agreement(
    ratings: str | Path,
    selection: JudgeSelection | None = None,
    *,
    models: Sequence[str] = (),
    aspects: Sequence[str] = (),
    store: OpenStore | Address = DEFAULT_STORE,
) -> list[Agreement]:
    """How far people agree among themselves, and each judge with them.

    Args:
        ratings: CSV with columns case, turn, aspect, rater, score.

    Raises:
        InputError: the file cannot be used; names line and column.
        NotFoundError: no such store, or no verdict of a model that is named.
    """
    rated = read_ratings(Path(ratings))
    with reading(store) as opened:
        return agreements(rated, _verdicts(opened, selection, models, aspects))


def _verdicts(
    store: OpenStore, selection: JudgeSelection | None, models: Sequence[str], aspects: Sequence[str]
) -> Iterator[Judgement]:
    """The stored verdicts that are meant, those of trials left out."""
    source, case_ids = (selection or JudgeSelection()).case_ids(store.store)
    wanted = {aspect.name for aspect in choose_aspects(aspects)}
    stored = Judgements(store.store)
    known = stored.models()
    for model in items(models):
        if model not in known:
            hint = choices(model, known, what="the judges are") if known else "`segue judge` makes verdicts"
            raise NotFoundError(f"--model {model!r}: the store holds no verdict of it", hint=hint)
    found = stored.list(source=source, case_ids=case_ids, models=items(models))
    return (verdict for verdict in found if verdict.aspect in wanted)
