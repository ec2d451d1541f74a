"""Tracks as codes: the first stage of TalkPlay."""

from __future__ import annotations

from pathlib import Path

from ...catalog.opening import open_catalog
from ...core.errors import ConfigError
from ...core.settings import require_bounds
from ...recommenders.next_track.training_files import read_training
from ...recommenders.talkplay.codes.modalities import LEAST_CODES, MOST_CODES
from ...recommenders.talkplay.codes.tokenizing import tokenize
from ...recommenders.talkplay.codes.track_codes import TrackCodes as TrackCodes
from ...recommenders.talkplay.codes.track_codes import codes_file
from ...recommenders.talkplay.views import cards_of
from .free_folder import free_folder


def talkplay_tokenize(
    out: str | Path,
    catalog: str | Path | None = None,
    *,
    data: str | Path | None = None,
    like: str | Path | None = None,
    codes: int | None = None,
    seed: int = 0,
    overwrite: bool = False,
) -> TrackCodes:
    """Give every track of a catalogue one code for each of five modalities, and keep them in a folder.

    Args:
        out, overwrite: the folder, and whether what is in it may be replaced.
        catalog: folder or file; that of the data, else the demo catalogue, by default.
        data: a folder that `talkplay_data` wrote. Which tracks go together is then read from its training part, not
            from all sessions of the catalogue, so that what is tested on does not show in the codes.
        like: a folder of codes whose clusters are taken as they are: tracks that they know keep their codes, others get
            codes without new clusters.
        codes: of a modality, K; what suits the number of tracks by default.

    Raises:
        InputError: the catalogue cannot be read, has no words, or has fewer tracks than codes.
        ConfigError: a package is missing, the folder is there already, or the arguments exclude each other.
    """
    require_bounds("codes", codes, LEAST_CODES, MOST_CODES * 64)
    require_bounds("seed", seed, 0, 2**31 - 1)
    folder = free_folder(out, "codes", lambda there: codes_file(there).exists(), overwrite=overwrite)
    if like is not None and (data is not None or codes is not None):
        raise ConfigError("--like takes clusters as they are", hint="leave --data and --codes out")
    read = None if data is None else read_training(Path(data))
    named = read.origin.catalog if catalog is None and read is not None else catalog
    opened = open_catalog(None if named is None else str(named))
    if like is None:
        made = tokenize(opened, None if read is None else read.divided.playlists, size=codes, seed=seed)
    else:
        made = TrackCodes.read(Path(like)).with_tracks(cards_of(opened))
    made.write(folder)
    return made
