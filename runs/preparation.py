"""From a catalogue's session to the first state of a conversation: sample, cards, media, templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..catalog.catalog import Catalog
from ..catalog.media import MediaLibrary
from ..catalog.session import ListeningSession
from ..catalog.track import Track
from ..core.errors import MissingMediaError, Place
from ..prompts.library import PromptLibrary
from ..sessions.sampling import Sample, sample_session
from ..state.channels import STATE_VERSION
from ..state.values import Agent, Demographics, GoalTemplate, Medium, Persona, TrackCard
from .plan import RunPlan


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
        sample = sample_session(
            session,
            tuple(templates),
            seed=self.plan.seed,
            pool_size=self.plan.pool_size,
            mean_words=self.plan.mean_words,
        )
        cards = {i: self._card(i, session) for i in (*sample.profiling_ids, *sample.pool_ids)}
        return self._channels(session, sample, cards, templates)

    def _channels(
        self,
        session: ListeningSession,
        sample: Sample,
        cards: Mapping[str, TrackCard],
        templates: Mapping[str, GoalTemplate],
    ) -> dict[str, Any]:
        facts = session.model_dump(include=set(Demographics.model_fields))
        persona = Persona(words=sample.words, register_=sample.register)
        return {
            "setup": {
                "version": STATE_VERSION,
                "session_id": session.session_id,
                "turns": self.plan.turns,
                # Only where it must be said, so that real sessions keep the states they had.
                **({"origin": session.origin} if session.origin == "simulated" else {}),
                "modalities": {a.value: list(shown) for a, shown in self.plan.modalities.items()},
            },
            "tracks": {i: card.to_json() for i, card in cards.items()},
            "demographics": Demographics(**facts).to_json(),
            "persona": persona.to_json(),
            "profiling_ids": list(sample.profiling_ids),
            "pool_ids": list(sample.pool_ids),
            "goal_templates": [templates[i].to_json() for i in sample.template_ids],
            "messages": [],
            "listener_notes": [],
            "recsys_notes": [],
            "directions": [],
            "records": [],
        }

    def _card(self, track_id: str, session: ListeningSession) -> TrackCard:
        track = self.catalog.track(track_id)
        media = self._media(track, session)
        further = self._further_images(track) or None
        return TrackCard.of_row(track.to_row(), lyrics_chars=self.plan.lyrics_chars, images=further, **media)

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
