"""A witness over HTTP: one path, ``add-checkpoint`` (C2SP tlog-witness)."""

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ledger.proof.notes import NOTE_BYTES_MAX
from ledger.proof.witness import PROOF_LINES_MAX, NotCosigned, Witness

BODY_BYTES_MAX = NOTE_BYTES_MAX + (PROOF_LINES_MAX + 1) * 64


def create_app(witness: Witness) -> Starlette:
    """The application of one witness."""

    async def add_checkpoint(request: Request) -> Response:
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_BYTES_MAX:
                return PlainTextResponse("the request is too large\n", 413)
        try:
            return PlainTextResponse(await run_in_threadpool(witness.add_checkpoint, body))
        except NotCosigned as refusal:
            headers = {"Content-Type": refusal.media_type}
            return Response(refusal.body, refusal.status, headers)

    return Starlette(routes=[Route("/add-checkpoint", add_checkpoint, methods=["POST"])])
