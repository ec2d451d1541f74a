"""What an import calls a success opens, plays with sound and pictures, and exports, however damaged its source was."""

from __future__ import annotations

import os
import shutil
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutagen.id3 import APIC, ID3, TIT2, TPE1
from segue import RunConfig, export, open_store, play
from segue.api.data.catalogues import ImportSettings, check_catalog, import_catalog
from segue.catalog.opening import open_catalog
from segue.core.errors import SegueError
from segue.sessions.sampling import PROFILING_TRACKS
from support.catalog.music import picture, sound
from support.catalog.mutation import DAMAGES, Damage, damage

pytest.importorskip("datasets", reason="the extra `dataset` is not installed")
EXAMPLES = max(3, int(os.environ.get("SEGUE_TEST_EXAMPLES", "15")) // 5)
POOL = 3
SOUNDS = tuple(
    f"{number}{suffix}" for number, suffix in enumerate((".mp3", ".ogg", ".flac", ".opus", ".wav") * 2)
)
BESIDE = {
    "cover.png": picture(),
    "1.json": b'{"tempo": 120, "tag_list": ["x"], "key": "A minor"}',
    "2.cho": b"{title: X}\n[Am]La [C]la\n",
    "3.txt": b"La la\n",
    "all.m3u8": "\n".join(SOUNDS).encode(),
}
FOLDERS = count()


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten sounds with all that can lie beside them, and a playlist of them."""
    folder = tmp_path_factory.mktemp("music")
    for name in SOUNDS:
        file = sound(folder / name, 3.5)
        if file.suffix == ".mp3":
            tags = ID3()
            for frame in (
                TIT2(text=[name]),
                TPE1(text=["A"]),
                APIC(mime="image/png", type=3, data=picture()),
            ):
                tags.add(frame)
            tags.save(file)
    for name, data in BESIDE.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.mark.slow
@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(damages=DAMAGES, which=st.sampled_from((*SOUNDS, *BESIDE)))
def test_what_is_imported_plays_and_exports(
    tmp_path: Path, music: Path, damages: list[Damage], which: str
) -> None:
    folder = tmp_path / str(next(FOLDERS))
    shutil.copytree(music, folder / "music")
    damage(folder / "music" / which, damages)
    asked = ImportSettings(playlists=folder / "music" / "all.m3u8", workers=1)
    try:
        import_catalog(folder / "music", folder / "out", asked, form="folder")
    except SegueError:
        return
    assert check_catalog(folder / "out").tracks == len(open_catalog(folder / "out").track_ids())
    plays_and_exports(folder)


@pytest.mark.slow
def test_the_folder_without_damage_does(tmp_path: Path, music: Path) -> None:
    asked = ImportSettings(playlists=music / "all.m3u8", workers=1)
    import_catalog(music, tmp_path / "out", asked, form="folder")
    assert plays_and_exports(tmp_path)


def plays_and_exports(folder: Path) -> bool:
    """Play on the imported catalogue, and export that; whether a session of it has the tracks for a conversation."""
    opened = open_catalog(folder / "out")
    long = [
        s
        for s in opened.session_ids()
        if len(opened.session(s).distinct_track_ids) >= PROFILING_TRACKS + POOL
    ]
    if not long:
        return False
    config = RunConfig(
        catalog=str(folder / "out"), session=long[:1], turns=2, pool_size=POOL, allow_missing_media=True
    )
    with open_store(folder / "segue.db", create=True) as store:
        run = play(config, store=store)
        assert run.counts == {"done": 1}, run[0].error
        exported = export(
            folder / "data", split="none", catalog=str(folder / "out"), pictures=False, store=store
        )
    assert exported.splits["conversations"] == {"train": 1}
    return True
