"""An editor's session on the page: its clips, their renders, and what is handed back."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lav_engine.errors import LavError
from lav_proto.v1 import relight_pb2 as pb
from lav_server.host_sessions import Offer, Session
from lav_server.service import Relight
from lav_server.web.answers import answering, as_json, texts
from lav_server.web.streams import Told, changes, streamed

PLACES = {"": pb.PLACE_TAKE, "take": pb.PLACE_TAKE, "above": pb.PLACE_ABOVE}
NAMES = {pb.PLACE_UNSPECIFIED: "", pb.PLACE_TAKE: "take", pb.PLACE_ABOVE: "above"}
LENGTHS = {"offer": 40, "job": 40, "verdict": 40, "place": 10}


class Hosts:
    def __init__(self, service: Relight) -> None:
        self._service = service

    def routes(self) -> list[Route]:
        return [
            Route("/host/{session}", answering(self.watch)),
            Route("/host/{session}/job", answering(self.job), methods=["POST"]),
            Route("/host/{session}/result", answering(self.result), methods=["POST"]),
        ]

    async def watch(self, request: Request) -> Response:
        """The session, now and whenever it has changed, as events `host`; also one that is gone."""
        session = request.path_params["session"]
        return streamed(changes({"host": lambda: self.look(session)}))

    async def look(self, session_id: str) -> Told:
        """The session as JSON; after it has ended only its `id`."""
        try:
            session = self._service.hosts.session(session_id)
        except LavError:
            return {"id": session_id, "has_ended": True}
        await self._service.tell_failures(session)
        return _told(session)

    async def job(self, request: Request) -> Response:
        """`{"offer", "job"}`: the render that the page started for an offer."""
        session, said = self._session(request), await texts(request, LENGTHS)
        offer = session.offer(said.get("offer", ""))
        job = await self._service.GetJob(pb.GetJobRequest(id=said.get("job", "")), None)  # type: ignore[arg-type]
        session.start(offer, job.id)
        return JSONResponse(_told(session))

    async def result(self, request: Request) -> Response:
        """`{"offer", "verdict", "place", "job"}`: what the editor is to do.

        With VERDICT_TAKEN it is handed the take of `job`, or of the offer's own render.
        """
        session, said = self._session(request), await texts(request, LENGTHS)
        offer = session.offer(said.get("offer", ""))
        verdict, place = said.get("verdict", ""), said.get("place", "")
        if verdict == "VERDICT_DISCARDED":
            session.discard(offer)
        elif verdict == "VERDICT_TAKEN" and place in PLACES:
            take = await self._service.take(said.get("job") or offer.job)
            session.hand_back(offer, take, PLACES[place])
        else:
            raise LavError(
                f"The page asked for {verdict or 'nothing'} {place}.", "Load the page again."
            )
        return JSONResponse(_told(session))

    def _session(self, request: Request) -> Session:
        return self._service.hosts.session(request.path_params["session"])


def _told(session: Session) -> Told:
    return {
        "id": session.id,
        "host": session.opened.host,
        "host_version": session.opened.host_version,
        "project": session.opened.project,
        "offers": [_offer(offer) for offer in session.offers.values()],
    }


def _offer(offer: Offer) -> Told:
    return {
        "offer": offer.id,
        "clip": as_json(offer.clip),
        "job": offer.job,
        "place": NAMES[offer.place],
        "verdict": pb.Verdict.Name(offer.verdict) if offer.is_closed else "",  # type: ignore[arg-type]
        "problem": as_json(offer.problem) if offer.problem else None,
    }
