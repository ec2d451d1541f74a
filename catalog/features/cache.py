"""`FeatureCache`: feature records in a folder, one file for each recording, found by its digest."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from ...core.errors import CorruptionError
from ..atomic_files import keep_cached
from .record import FeatureRecord


class FeatureCache:
    """Records that outlive a run that was stopped, and serve every catalogue that holds the same recording.

    Any number of processes may share the folder: files appear whole or not at all.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, audio: str) -> FeatureRecord | None:
        """The record of the recording with that digest; None when it was never analysed.

        Raises:
            CorruptionError: its file is not what this program writes.
        """
        path = self._path(audio)
        try:
            return FeatureRecord.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:
            raise CorruptionError(
                f"{path}: these stored features cannot be read: {error}",
                hint="delete this file and run again; the recording is then analysed anew",
            ) from error

    def keep(self, record: FeatureRecord, *, anew: bool = False) -> FeatureRecord:
        """Store a record, joined with what is known of the same recording; returns what is stored now.

        Args:
            anew: forget what was known.
        """
        known = None if anew else self.find(record.audio)
        whole = known.joined(record) if known else record
        row = json.dumps(whole.to_row(), ensure_ascii=False, sort_keys=True)
        keep_cached(self._path(record.audio), row.encode())
        return whole

    def _path(self, audio: str) -> Path:
        return self.folder / audio[:2] / f"{audio}.json"
