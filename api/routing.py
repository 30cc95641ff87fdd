"""Finding the route of a request."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

_ANY: Final = None
"""Stands for a last segment that is a parameter."""


class ByShape(BaseRoute):
    """Stands before routes, and finds the right one by its method, its length and its last word.

    To try a hundred in turn takes longer than to carry out a command. What is not found here is
    left to them: a wrong method, a path that is nobody's.
    """

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        shapes: dict[tuple[str, int], list[tuple[str | None, APIRoute]]] = defaultdict(list)
        for route in routes:
            if isinstance(route, APIRoute):
                segments = route.path_format.split("/")
                last = _ANY if segments[-1].startswith("{") else segments[-1]
                for method in route.methods or ():
                    shapes[method, len(segments)].append((last, route))
        # In the order in which they would be tried, since the first that fits is the right one.
        self._routes = {
            (*shape, word): [route for last, route in found if last in {word, _ANY}]
            for shape, found in shapes.items()
            for word in {last for last, _ in found} | {_ANY}
        }

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """The route that fits, as ``route`` in the scope that it gives."""
        if scope["type"] == "http":
            segments = scope["path"].split("/")
            shape = (scope["method"], len(segments))
            routes = self._routes.get((*shape, segments[-1])) or self._routes.get((*shape, _ANY))
            for route in routes or ():
                match, found = route.matches(scope)
                if match is Match.FULL:
                    return match, found
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the route that was found answer."""
        await scope["route"].handle(scope, receive, send)
