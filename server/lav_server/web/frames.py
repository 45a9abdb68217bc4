"""Frames of a clip as pictures, for the scrubber."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lav_proto.v1 import relight_pb2 as pb
from lav_server.service import Relight
from lav_server.web.answers import answering, text, whole

WIDTH = 960  # pixels, unless asked for otherwise


class Frames:
    def __init__(self, service: Relight) -> None:
        self._service = service

    def routes(self) -> list[Route]:
        return [Route("/frame", answering(self.frame))]

    async def frame(self, request: Request) -> Response:
        """The source's own frame as JPEG: `?path=&frame=&width=`."""
        asked = pb.ProbeRequest(
            path=text(request, "path"),
            poster_frame=whole(request, "frame"),
            poster_width=max(whole(request, "width", WIDTH), 1),
        )
        found = await self._service.Probe(asked, None)  # type: ignore[arg-type]
        return Response(found.poster.data, media_type=found.poster.mime_type)
