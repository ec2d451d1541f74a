"""Conversations as one HTML file that asks nothing of anybody: what one attaches to a paper."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..api.data.media import read_medium
from ..api.reading.talks import ShownTalk, sampled_talks, stored_talks
from ..api.store import Address, OpenStore, reading
from ..core.errors import CatalogError, ConfigError, NotFoundError
from ..core.suggestions import choices
from .rendering import packaged, render

KINDS = ("image", "audio")


@dataclass(frozen=True)
class ExportedPage:
    """The file.

    Attributes:
        lacking: how many clips and covers that were asked for are not in the cache folder.
    """

    html: str
    conversations: int
    media: int
    lacking: int


def export_page(talks: Sequence[ShownTalk], *, title: str, media: Collection[str] = ()) -> ExportedPage:
    """The conversations as one HTML file with its style and script in it, which opens from a disk without one request.

    Its policy allows just that style and that script, by their digests, and nothing from elsewhere.

    Args:
        media: `image` and `audio`: put the covers or the clips of the tracks that were played into the file.

    Raises:
        CorruptionError: a clip or cover is not what its digest says.
    """
    style, script = packaged("static", "export.css"), packaged("static", "export.js")
    inside, lacking = _media(talks, media)
    html = render(
        "export.html.j2",
        {
            "title": title,
            "talks": talks,
            "media": inside,
            "style": style,
            "script": script,
            "policy": _policy(style, script),
        },
    )
    return ExportedPage(html, len(talks), len(inside), lacking)


def export_store(
    store: OpenStore | Address,
    threads: Sequence[str] = (),
    *,
    run: str | None = None,
    limit: int | None = None,
    media: Collection[str] = (),
) -> ExportedPage:
    """The threads named as one file; or the first of a run, or of the store.

    Raises:
        NotFoundError: a name is no thread or run, or several; or there is no store, or nothing in it.
        StoreError, CorruptionError: the store, or a conversation, cannot be read.
    """
    with reading(store) as opened:
        talks = stored_talks(opened, threads, run=run, limit=limit)
        title = f"Conversations of {run}" if run else "Conversations"
    if not talks:
        raise NotFoundError("there is no conversation to export", hint="`segue threads` lists what there is")
    return export_page(talks, title=title, media=media)


def export_data(data: Path, *, sample: int = 20, seed: int = 0, media: Collection[str] = ()) -> ExportedPage:
    """A sample of a data set as one file. Raises `CatalogError` where it cannot be read."""
    talks = sampled_talks(data, sample=sample, seed=seed)
    return export_page(talks, title=f"A sample of {data.name}", media=media)


def kinds_of(given: str | None) -> tuple[str, ...]:
    """`image,audio` as the kinds. Raises `ConfigError` for another word."""
    kinds = tuple(each.strip() for each in (given or "").split(",") if each.strip())
    for kind in kinds:
        if kind not in KINDS:
            raise ConfigError(f"--media {kind!r}: {choices(kind, KINDS)}")
    return kinds


def write_page(page: ExportedPage, file: Path) -> None:
    """Write it, whole or not at all. Raises `ConfigError` where it cannot be written."""
    unfinished = file.with_name(f"{file.name}.unfinished")
    try:
        unfinished.write_text(page.html, encoding="utf-8")
        unfinished.replace(file)
    except OSError as error:
        raise ConfigError(
            f"cannot write {str(file)!r}: {error.strerror}",
            hint="name a file in a folder that can be written",
        ) from error


def _policy(style: str, script: str) -> str:
    given = {
        "default-src": "'none'",
        "style-src": f"'sha256-{_digest(style)}'",
        "script-src": f"'sha256-{_digest(script)}'",
        "img-src": "data:",
        "media-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in given.items())


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _media(talks: Sequence[ShownTalk], wanted: Collection[str]) -> tuple[dict[str, str], int]:
    """Digest -> the medium as a `data:` address; and how many are lacking."""
    found: dict[str, str] = {}
    lacking: set[str] = set()
    for kind, digest in dict.fromkeys(each for talk in talks for each in talk.media):
        if kind not in wanted:
            continue
        try:
            medium = read_medium(digest)
        except CatalogError:  # counted, and told to whoever exports
            lacking.add(digest)
            continue
        data = base64.b64encode(medium.data).decode("ascii")
        found[digest] = f"data:{medium.mime_type};base64,{data}"
    return found, len(lacking)
