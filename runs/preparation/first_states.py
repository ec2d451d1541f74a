"""From a catalogue's session to the first state of a conversation: sample, cards, media, templates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ...catalog.catalog import Catalog
from ...catalog.media import MediaLibrary
from ...catalog.session import ListeningSession
from ...catalog.track import Track
from ...core.errors import InputError, MissingMediaError, Place
from ...prompts.library import PromptLibrary
from ...sessions.pools import WidePool, wide_pool
from ...sessions.sampling import TEMPLATES_DRAWN, Sample, sample_session
from ...sessions.single import draw_playlist
from ...state.channels import state_version
from ...state.single_view import longest_playlist
from ...state.values import Agent, Demographics, GoalTemplate, Medium, Persona, TrackCard
from ..plan import RunPlan
from .personas import given_persona
from .proposals import Proposer

SEARCHED_WHOLE = 2_000
"""Tracks of a pool up to which a goal of one track is checked against all of it; above, against what is shown."""


@dataclass(frozen=True)
class Preparation:
    """Makes first states; one for a run.

    Attributes:
        allow_missing_media: show what there is where a track lacks a clip or cover that was asked for.
    """

    plan: RunPlan
    catalog: Catalog
    media: MediaLibrary
    prompts: PromptLibrary
    allow_missing_media: bool = False

    def first_state(self, session_id: str) -> dict[str, Any]:
        """The channels that the graph starts from.

        Raises:
            InputError: when the session does not qualify.
            MissingMediaError: when a track lacks a modality that was asked for.
        """
        session = self.catalog.session(session_id)
        templates = {t.template_id: t for t in self.prompts.goal_templates()}
        sample = self._sample(session, templates)
        if self.plan.pipeline == "single":
            return self._single(session, sample)
        pool = None if self.plan.shortlist_size is None else self._wide_pool(session, sample)
        if pool is not None:
            sample = replace(sample, pool_ids=pool.shown)
        cards = {i: self._card(i, session) for i in (*sample.profiling_ids, *sample.pool_ids)}
        offered = [templates[i] for i in sample.template_ids]
        if self._verified:
            shown, beyond = tuple(cards[i] for i in sample.pool_ids), self._beyond(pool)
            proposer = Proposer(shown, self.plan.draw_seed, session.session_id, beyond)
            offered = self._borne_out(proposer, offered)
        return self._channels(session, sample, cards, offered)

    def _single(self, session: ListeningSession, sample: Sample) -> dict[str, Any]:
        """The channels of a conversation that one model writes: a playlist, a negative set, a persona."""
        drawn = draw_playlist(
            sample,
            session.distinct_track_ids,
            self.catalog.track_ids(),
            longest=longest_playlist(self.plan.turns),
            seed=self.plan.draw_seed,
            session_id=session.session_id,
        )
        shown = (*drawn.playlist, *drawn.negatives)
        facts = session.model_dump(include=set(Demographics.model_fields))
        return {
            "setup": {
                "version": state_version(1),
                "session_id": session.session_id,
                "turns": min(self.plan.turns, len(drawn.playlist)),
                **({"origin": session.origin} if session.origin == "simulated" else {}),
                "modalities": {a.value: list(kinds) for a, kinds in self.plan.modalities.items()},
                "pipeline": self.plan.pipeline,
                "negative_ids": list(drawn.negatives),
            },
            "tracks": {track_id: self._card(track_id, session).to_json() for track_id in shown},
            "demographics": Demographics(**facts).to_json(),
            "persona": Persona(words=sample.words, register_=sample.register).to_json(),
            "profiling_ids": [],
            "pool_ids": list(shown),
            "goal_templates": [],
            "messages": [],
            "listener_notes": [],
            "recsys_notes": [],
            "directions": [],
            "records": [],
        }

    def wide_pool(self, session_id: str) -> WidePool:
        """The pool of the conversation on a session, where it is not shown whole. Raises as `first_state` does."""
        session = self.catalog.session(session_id)
        return self._wide_pool(session, self._sample(session, self._template_ids))

    def cards(self, track_ids: Iterable[str], session_id: str) -> dict[str, dict[str, Any]]:
        """Tracks as agents are shown them, as JSON. Raises as `first_state` does."""
        session = self.catalog.session(session_id)
        return {track_id: self._card(track_id, session).to_json() for track_id in track_ids}

    @cached_property
    def _template_ids(self) -> tuple[str, ...]:
        return tuple(template.template_id for template in self.prompts.goal_templates())

    def _sample(self, session: ListeningSession, template_ids: Iterable[str]) -> Sample:
        return sample_session(
            session,
            tuple(template_ids),
            seed=self.plan.draw_seed,
            pool_size=self.plan.pool_size if self.plan.pool == "session" else None,
            mean_words=self.plan.mean_words,
            all_templates=self._verified,
        )

    def _wide_pool(self, session: ListeningSession, sample: Sample) -> WidePool:
        plan, track_ids = self.plan, self.catalog.track_ids()
        seed, named = plan.draw_seed, session.session_id
        return wide_pool(sample, plan.pool, plan.pool_size, track_ids, seed=seed, session_id=named)

    def _channels(
        self,
        session: ListeningSession,
        sample: Sample,
        cards: Mapping[str, TrackCard],
        offered: Sequence[GoalTemplate],
    ) -> dict[str, Any]:
        facts = session.model_dump(include=set(Demographics.model_fields))
        persona = Persona(words=sample.words, register_=sample.register)
        if self._verified:
            persona = given_persona(persona, session, self.plan)
        return {
            "setup": {
                "version": state_version(self.plan.answer_rules),
                "session_id": session.session_id,
                "turns": self.plan.turns,
                # Only where it must be said, so that real sessions keep the states they had.
                **({"origin": session.origin} if session.origin == "simulated" else {}),
                **({"length": self.plan.length} if self.plan.length != "fixed" else {}),
                "modalities": {a.value: list(shown) for a, shown in self.plan.modalities.items()},
                **({"actions": [a.value for a in self.plan.actions]} if self.plan.acts else {}),
                **self._shortlist_rules(),
            },
            "tracks": {i: card.to_json() for i, card in cards.items()},
            "demographics": Demographics(**facts).to_json(),
            "persona": persona.to_json(),
            "profiling_ids": list(sample.profiling_ids),
            "pool_ids": list(sample.pool_ids),
            "goal_templates": [template.to_json() for template in offered],
            "messages": [],
            "listener_notes": [],
            "recsys_notes": [],
            "directions": [],
            "records": [],
            **({"truth": [], "verdicts": []} if self._verified else {}),
        }

    @property
    def _verified(self) -> bool:
        return state_version(self.plan.answer_rules) >= 2

    def _beyond(self, pool: WidePool | None) -> tuple[TrackCard, ...]:
        """The tracks of a pool that are not shown to the goal agent, without their media; none of a pool that is shown
        whole, or so large that it would take long to go through."""
        ids = () if pool is None else self.catalog.track_ids() if pool.ids is None else sorted(pool.ids)
        if pool is None or len(ids) > SEARCHED_WHOLE:
            return ()
        left_out = {*pool.shown, *pool.left_out}
        return tuple(self._plain_card(track_id) for track_id in ids if track_id not in left_out)

    def _plain_card(self, track_id: str) -> TrackCard:
        if track_id not in self._plain_cards:
            self._plain_cards[track_id] = self._card_of(self.catalog.track(track_id), {})
        return self._plain_cards[track_id]

    @cached_property
    def _plain_cards(self) -> dict[str, TrackCard]:
        """Tracks without their media, as they were asked for."""
        return {}

    def _borne_out(self, proposer: Proposer, templates: Sequence[GoalTemplate]) -> list[GoalTemplate]:
        """Templates that the pool can bear, each with criteria that it meets as often as is promised."""
        drawn = proposer.draw(templates, TEMPLATES_DRAWN)
        if not drawn:
            raise InputError(
                f"session {proposer.session_id!r}: its pool of {len(proposer.cards)} tracks bears out none of the goal "
                "templates",
                hint="its tracks say too little of themselves, or are too few: add tags or dates, or a larger pool",
            )
        return list(drawn)

    def _shortlist_rules(self) -> dict[str, Any]:
        """How the pool is searched; nothing where it is shown whole."""
        plan = self.plan
        if plan.shortlist_size is None:
            return {}
        return {"shortlist": {"tracks": plan.shortlist_size, "pool": plan.pool, "retriever": plan.retriever}}

    def _card(self, track_id: str, session: ListeningSession) -> TrackCard:
        track = self.catalog.track(track_id)
        media = self._media(track, session)
        return self._card_of(track, {"images": self._further_images(track) or None, **media})

    def _card_of(self, track: Track, media: Mapping[str, Any]) -> TrackCard:
        more = dict(media)
        if self._verified:
            more["duration"] = None if track.duration is None else track.duration / 1000
            more["language"] = track.language
        return TrackCard.of_row(track.to_row(), lyrics_chars=self.plan.lyrics_chars, **more)

    def _further_images(self, track: Track) -> tuple[Medium, ...]:
        """Pictures beyond the cover, as many as the run asks for and the track has."""
        wanted = self.plan.images_per_track - 1
        if not wanted or not any("image" in shown for shown in self.plan.modalities.values()):
            return ()
        made = self.media.prepare_images(self.catalog, track, wanted)
        return tuple(Medium(**one.to_json()) for one in made)

    def _media(self, track: Track, session: ListeningSession) -> Mapping[str, Medium]:
        asked = {str(m) for shown in self.plan.modalities.values() for m in shown} - {"text"}
        if not asked:
            return {}
        prepared = self.media.prepare(self.catalog, track, sorted(asked), clip_seconds=self.plan.clip_seconds)
        media: dict[str, Medium] = {k: Medium(**made.to_json()) for k, made in prepared.items() if made}
        lacking = sorted(asked - media.keys())
        if lacking and not self.allow_missing_media:
            raise MissingMediaError(
                f"session {session.session_id!r}: track {track.track_id!r} ({track.title}) has no "
                + " and no ".join(lacking),
                place=Place(self.plan.thread_id(session.session_id), 0, Agent.PROFILE.value),
                hint="drop the modality with --modalities, or add --allow-missing-media",
            )
        return media
