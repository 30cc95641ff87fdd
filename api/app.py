"""The application that `caseledger serve` runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI

from api import cases, health, problems
from api.books import Books
from api.limits import BodyLimit
from ledger.log.engine import connect


class Api(FastAPI):
    """FastAPI, with our problems in its document instead of its own."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        return problems.described(super().openapi())


def create_app(database_url: str) -> FastAPI:
    """The API on a database that is up and has its schema."""
    engine = connect(database_url)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        engine.dispose()

    app = Api(
        title="caseledger",
        version=version("caseledger"),
        description="The case ledger of unpaid patient invoices.",
        lifespan=lifespan,
        # The interactive pages would load their scripts from an outside host.
        docs_url=None,
        redoc_url=None,
    )
    app.state.books = Books(engine)
    app.add_middleware(BodyLimit)
    problems.install(app)
    app.include_router(health.router)
    app.include_router(cases.router)
    return app
