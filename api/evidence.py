"""Evidence of a case, to be checked offline by whoever gets it."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Header, Query, Request, Response

from api.books import InBook, View
from api.cases import CASE_PROBLEMS, CaseRef
from api.problems import Rejected, language_of, responses
from api.vaults import Vaults, looking, permitted
from ledger.application.evidence import case_evidence
from ledger.application.ledger import CaseNotFound
from ledger.domain.case import Case
from ledger.domain.personal import Purpose, Reader
from ledger.domain.refusals import Refusal
from ledger.people.evidence import debtor_for_evidence
from ledger.proof.checkpoints import NotDurable
from ledger.proof.evidence import NothingToShow, written
from ledger.proof.report import html_report
from ledger.proof.signer import Signer, SignerRefusal

router = APIRouter(prefix="/v1/books/{book}/cases/{case}", tags=["cases"])

_CONTENT: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {
            "application/json": {"schema": {"type": "object", "additionalProperties": True}},
            "text/html": {"schema": {"type": "string"}},
        }
    }
}


_LOOK: Final = ("vault_closed", "purpose_not_permitted", "debtor_not_registered")


@router.get(
    "/evidence", operation_id="cases.evidence", response_class=Response,
    responses=responses(*CASE_PROBLEMS, "no_signer", "log_does_not_continue", "not_durable", *_LOOK)
    | _CONTENT,
)  # fmt: skip
def evidence(
    request: Request,
    view: InBook,
    case: CaseRef,
    form: Annotated[
        Literal["json", "html"],
        Query(alias="format", description="The evidence itself, or a report to read."),
    ] = "json",
    purpose: Annotated[
        Purpose | None,
        Header(
            alias="Ledger-Purpose",
            description="Also who the debtor is, and why the caller asks. It is recorded, and the"
            " person may ask who looked and why.",
        ),
    ] = None,
) -> Response:
    """The case's entries with the proofs that they are in the log, under a fresh checkpoint; why
    the balance is what it is, and the rules and rates that it rests on.

    Save the JSON as it is: `verify_evidence.py` accepts no other bytes.
    """
    signer: Signer | None = request.app.state.signer
    if signer is None:
        raise Rejected("no_signer")
    found = view.find(case)
    debtor = None if purpose is None else _debtor(request, view, found, purpose)
    try:
        document = case_evidence(view.ledger, found.id, signer, subject=debtor)
    except NothingToShow:
        raise CaseNotFound(case, view.book) from None
    except SignerRefusal as error:
        raise Rejected("log_does_not_continue", why=str(error)) from error
    except NotDurable as error:
        raise Rejected("not_durable", why=str(error)) from error
    headers = {"Cache-Control": "no-store"}
    if form == "html":
        return Response(
            html_report(document, language_of(request)), media_type="text/html", headers=headers
        )
    return Response(written(document), media_type="application/json", headers=headers)


def _debtor(request: Request, view: View, case: Case, purpose: Purpose) -> dict[str, Any]:
    looking(request, view)
    vaults: Vaults = request.app.state.vaults
    why, reader = permitted(view.caller, purpose), Reader(view.caller.actor)
    found = debtor_for_evidence(vaults.vault(view.book), case, reader, why)
    if isinstance(found, Refusal):
        raise Rejected("debtor_not_registered")
    return found
