"""Clips and covers by their digests."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...api.data.media import read_medium
from ...core.errors import CatalogError, NotFoundError


def medium(request: Request) -> Response:
    """The bytes that were shown to an agent. What has a digest never changes, so a browser may keep it."""
    digest = request.path_params["digest"]
    try:
        found = read_medium(digest)
    except CatalogError as error:
        raise NotFoundError(f"no clip or cover {digest} lies in the cache folder", hint=error.hint) from error
    headers = {"cache-control": "private, max-age=31536000, immutable"}
    return Response(found.data, media_type=found.mime_type, headers=headers)


ROUTES = [Route("/media/{digest}", medium)]
