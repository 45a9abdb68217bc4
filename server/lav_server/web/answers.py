"""Answers to a browser: messages of lav.v1 in protobuf's JSON mapping, and problems."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps

from google.protobuf import json_format
from google.protobuf.message import Message
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lav_engine.errors import Code, LavError
from lav_server.problem import Problem, from_error, from_surprise
from lav_server.wire_results import problem_to_wire

log = logging.getLogger(__name__)

LARGEST = 2**20  # bytes of a JSON request
STATUS = {
    Code.unauthenticated: 401,
    Code.outside_roots: 403,
    Code.media_missing: 404,
    Code.job_unknown: 404,
    Code.superseded: 409,
    Code.internal: 500,
    Code.unsupported: 501,
    Code.queue_full: 503,
    Code.disk_short: 507,
}

Endpoint = Callable[[Request], Awaitable[Response]]


def told(message: Message) -> JSONResponse:
    return JSONResponse(as_json(message))


def as_json(message: Message) -> dict[str, object]:
    """With the proto's own names; numbers of 64 bits are strings, pictures base64."""
    return json_format.MessageToDict(message, preserving_proto_field_name=True)


def refused(problem: Problem) -> JSONResponse:
    return JSONResponse(as_json(problem_to_wire(problem)), STATUS.get(problem.code, 400))


def answering(endpoint: Endpoint) -> Endpoint:
    """The boundary of the page: whatever goes wrong becomes a problem in JSON."""

    @wraps(endpoint)
    async def guarded(request: Request) -> Response:
        try:
            return await endpoint(request)
        except LavError as error:
            return refused(from_error(error))
        except Exception as error:
            log.exception("%s failed", request.url.path)
            return refused(from_surprise(error, "answering the page"))

    return guarded


def text(request: Request, name: str, usual: str | None = None) -> str:
    """What the address says after `?name=`. Raises LavError where it must and does not."""
    found = request.query_params.get(name, usual)
    if found is None:
        raise LavError(f"The page asked without saying the {name}.", "Load the page again.")
    return found


def whole(request: Request, name: str, usual: int = 0) -> int:
    """A whole number from the address, 0 or more. Raises LavError."""
    found = request.query_params.get(name, str(usual))
    if not (found.isdecimal() and found.isascii() and len(found) < 16):
        raise LavError(f"The page gave {found[:40]!r} as {name}.", "Load the page again.")
    return int(found)


async def texts(request: Request, lengths: Mapping[str, int]) -> dict[str, str]:
    """A JSON object of texts with these names, each at most so many characters. Raises LavError."""
    try:
        found = json.loads(await _body(request) or b"{}")
    except (ValueError, RecursionError):
        raise _unreadable("no JSON") from None
    if not isinstance(found, dict):
        raise _unreadable("no object")
    for name, value in found.items():
        if name not in lengths or not isinstance(value, str):
            raise _unreadable(f"{name[:40]!r}")
        if len(value) > lengths[name]:
            raise LavError(
                f"The {name} has {len(value)} characters.", f"At most {lengths[name]} are kept."
            )
    return found


async def read(request: Request, message: Message) -> Message:
    """Fills the message from a JSON body. Raises LavError(BAD_VALUE)."""
    body = await _body(request)
    try:
        return json_format.Parse(body or b"{}", message, max_recursion_depth=20)
    except (json_format.ParseError, UnicodeDecodeError, RecursionError) as error:
        raise _unreadable(str(error)) from None


async def _body(request: Request) -> bytes:
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise LavError("The page sent something that is not JSON.", "Load the page again.")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            raise LavError("The page sent more than a request may hold.", "Shorten its texts.")
    return body


def _unreadable(why: str) -> LavError:
    return LavError(f"The page sent a request that cannot be read ({why}).", "Load the page again.")
