"""`segue run --engine processes` and `--engine ray`: where the crew works, from the flags."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any, TextIO, cast

from sqlalchemy.engine import make_url

from ..core.errors import ConfigError
from ..runs.plan import RunPlan
from ..runs.stage import Stage
from ..runs.workers.coordinator import Coordinator
from ..runs.workers.processes import ProcessSite
from ..runs.workers.ray_cluster import Cluster, RaySite, open_cluster
from .crewing import Crew, open_worker, play_crew, shared
from .options import Options
from .reading import Reading

if TYPE_CHECKING:
    from ..checkpoints.store.threads import Thread


class _DataOnly:
    """stdout for the main thread, which prints data; what Ray's threads print goes to stderr."""

    def __init__(self, stdout: TextIO) -> None:
        self._stdout = stdout

    def __getattr__(self, name: str) -> Any:
        main = threading.current_thread() is threading.main_thread()
        return getattr(self._stdout if main else sys.stderr, name)


def require_shared_store(options: Options) -> None:
    """Raises `ConfigError` where workers on other machines could not reach the store."""
    if options.ray_address and make_url(options.store).get_backend_name() != "postgresql":
        raise ConfigError(
            "--ray-address: workers on other machines need a store that they all reach",
            hint="use --store postgresql+psycopg://…; a SQLite file does for --engine ray on this machine alone",
        )


async def play_by_workers(
    options: Options, reading: Reading, stage: Stage, plan: RunPlan, session_ids: list[str]
) -> AsyncGenerator[Thread, None]:
    """Play the sessions with the engine's workers; threads come in order of sessions.

    Args:
        stage: of this process, which plays nothing itself: its signal stops the crew, its meter has the cap.
    """
    crew = Crew.of(options, stage, plan, len(session_ids))
    playing = _on_cluster if options.engine == "ray" else _on_processes
    async with aclosing(playing(crew, reading, stage, session_ids)) as threads:
        async for thread in threads:
            yield thread


async def _on_processes(
    crew: Crew, reading: Reading, stage: Stage, session_ids: list[str]
) -> AsyncGenerator[Thread, None]:
    site = ProcessSite(Coordinator(*shared(crew.options, stage.meter)), partial(open_worker, crew))
    async with aclosing(play_crew(crew, site, reading, stage, session_ids)) as threads:
        async for thread in threads:
            yield thread


async def _on_cluster(
    crew: Crew, reading: Reading, stage: Stage, session_ids: list[str]
) -> AsyncGenerator[Thread, None]:
    with contextlib.redirect_stdout(cast(TextIO, _DataOnly(sys.stdout))):
        async with open_cluster(Cluster(crew.workers, crew.options.ray_address)) as ray:
            share = partial(shared, crew.options, stage.meter)
            site = RaySite.of(ray, share, partial(open_worker, crew))
            async with aclosing(play_crew(crew, site, reading, stage, session_ids)) as threads:
                async for thread in threads:
                    yield thread
