"""A route that is found by its shape is the one that would be found by trying all in turn."""

from itertools import product

from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope

from api.app import ROUTES
from api.routing import ByShape

WORDS = sorted({word for r in ROUTES if isinstance(r, APIRoute) for word in r.path.split("/")[-1:]})
"""What a path may end with, so that a case, clinic or book may be called like a command too."""


def in_turn(scope: Scope) -> tuple[APIRoute, dict[str, str]] | None:
    """The route that answers without an index, and what it reads from the path."""
    for route in ROUTES:
        match, found = route.matches(scope)
        if match is Match.FULL:
            return found["route"], found["path_params"]
    return None


def test_every_route_is_found_and_no_other_before_it() -> None:
    index = ByShape(ROUTES)
    found = set()
    paths = {"/", "", "/v1", "/v1/books//cases", "/v1/books/b/cases/", "/docs/assets/x.js"}
    for route in ROUTES:
        assert isinstance(route, APIRoute)
        parts = route.path_format.split("/")
        places = [place for place, part in enumerate(parts) if part.startswith("{")]
        for word in (*WORDS, "1001"):
            for place in (*places, len(parts)):
                filled = ["a" if n in places else part for n, part in enumerate(parts)] + [""]
                filled[place] = word
                paths |= {"/".join(filled[: len(parts)]), "/".join(filled)}
    for path, method in product(sorted(paths), ("GET", "POST", "PATCH", "DELETE", "PUT", "HEAD")):
        scope: Scope = {"type": "http", "path": path, "method": method, "root_path": ""}
        match, told = index.matches(dict(scope))
        expected = in_turn(dict(scope))
        if match is Match.FULL:
            assert (told["route"], told["path_params"]) == expected, (method, path)
            found.add(told["route"].operation_id)
        elif expected is not None:
            assert ":path}" in expected[0].path, "only a path of any length may be left to the rest"
    assert found == {r.operation_id for r in ROUTES if isinstance(r, APIRoute)}
    assert index.matches({"type": "websocket", "path": "/v1"})[0] is Match.NONE
