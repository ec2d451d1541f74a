"""Proposed criteria keep what a specificity promises, on every pool of the demo catalogue."""

from __future__ import annotations

from functools import cache

import pytest
from segue.runs.preparation.proposals import PROPOSED, Proposer
from segue.state.criteria_text import read_criteria
from segue.state.promises import promise_broken
from segue.state.values import Specificity, TrackCard
from support.runs.staging import catalog, prompts, session


@cache
def pool(number: int) -> tuple[TrackCard, ...]:
    ids = catalog().session(session(number)).distinct_track_ids[:24]
    rows = (catalog().track(track_id).to_row() for track_id in ids)
    return tuple(TrackCard.of_row(row, lyrics_chars=200) for row in rows)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(6))
def test_every_proposal_is_met_by_as_many_tracks_as_its_template_promises(number: int) -> None:
    specificities: dict[str, Specificity] = {t.template_id: t.specificity for t in prompts().goal_templates()}
    proposer = Proposer(pool(number), seed=0, session_id=session(number))
    borne = {t.template_id: proposer.proposals(t) for t in prompts().goal_templates()}
    assert sum(map(bool, borne.values())) >= 20, "most templates suit the demo's tracks"
    for name, proposals in borne.items():
        assert len(set(proposals)) == len(proposals) <= PROPOSED
        for text in proposals:
            assert promise_broken(read_criteria(text), specificities[name], pool(number)) is None, (
                name,
                text,
            )


def test_what_is_one_of_a_kind_is_so_in_the_whole_of_a_pool_of_which_a_part_is_shown() -> None:
    shown, beyond = pool(0), tuple(card for card in pool(1) if card not in pool(0))
    proposer = Proposer(shown, 0, session(0), beyond)
    alone = Proposer(shown, 0, session(0))
    kept = {t.template_id: (t.specificity, proposer.proposals(t)) for t in prompts().goal_templates()}
    assert sum(bool(proposals) for _, proposals in kept.values()) >= 20
    for template in prompts().goal_templates():
        specificity, proposals = kept[template.template_id]
        if specificity[1] == "L":
            assert proposals == alone.proposals(template), "of several there may be more"
        for text in proposals if specificity[1] == "H" else ():
            assert promise_broken(read_criteria(text), specificity, (*shown, *beyond)) is None, text
            assert promise_broken(read_criteria(text), specificity, shown) is None, text


def test_the_draw_leaves_out_what_the_pool_cannot_bear_and_depends_on_the_seed() -> None:
    bare = tuple(TrackCard(track_id=str(n), title=f"Song {n}", artists=(f"Band {n % 5}",)) for n in range(20))
    templates = prompts().goal_templates()
    drawn = Proposer(bare, 0, "s").draw(templates, 3)
    assert drawn and all(set(template.needs) <= {"artists"} for template in drawn)
    assert Proposer(bare, 0, "s").draw(templates, 3) == drawn
    several = [Proposer(pool(0), seed, "s").draw(templates, 1)[0].proposals for seed in range(4)]
    assert len(set(several)) > 1
