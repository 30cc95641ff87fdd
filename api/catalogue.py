"""What the kinds of problems mean: the addresses that their ``type`` names."""

from fastapi import APIRouter, Request

from api.problems import STATUS, ProblemType, Rejected, language_of, responses, type_of

router = APIRouter(prefix="/problems", tags=["problems"])


@router.get("", operation_id="problems.list", responses=responses())
def list_problems(request: Request) -> list[ProblemType]:
    """Every kind of problem that this server answers with."""
    return [type_of(code, language_of(request)) for code in STATUS]


@router.get("/{slug}", operation_id="problems.read", responses=responses("problem_not_found"))
def read_problem(request: Request, slug: str) -> ProblemType:
    """What a kind of problem means; the ``type`` of a problem is this address."""
    code = slug.replace("-", "_")
    if code not in STATUS:
        raise Rejected("problem_not_found")
    return type_of(code, language_of(request))
