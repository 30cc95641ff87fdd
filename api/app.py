"""The application that `caseledger serve` runs."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any, Final

from fastapi import FastAPI
from starlette.types import ASGIApp

from api import (
    access,
    cases,
    catalogue,
    commands,
    documentation,
    evidence,
    feed,
    health,
    parties,
    people,
    problems,
    tlog,
    webhooks,
    working,
)
from api.access import Doorkeeper
from api.books import Books
from api.limits import BodyLimit, Rates
from api.requests import RequestIds
from api.routing import ByShape
from api.vaults import Vaults
from ledger.access.rows import connect_for_clinics
from ledger.access.tokens import LocalIssuer, Tokens, issuer_of
from ledger.feed.webhooks import Deliverer, Delivering
from ledger.log.engine import connect
from ledger.people.keys import KeyService
from ledger.people.schema import VAULT_ROLE
from ledger.proof.signer import Signer

_PARTS: Final = (
    health,
    cases,
    evidence,
    working,
    parties,
    people,
    commands,
    feed,
    tlog,
    webhooks,
    catalogue,
    documentation,
)
ROUTES: Final = [route for part in _PARTS for route in part.router.routes]


class Api(FastAPI):
    """FastAPI, with our problems and logins in its document instead of its own."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        if self.openapi_schema is None:
            self.openapi_schema = access.guarded(problems.described(super().openapi()))
        return self.openapi_schema

    def build_middleware_stack(self) -> ASGIApp:
        """With names for requests around all of it, so that failures have one too."""
        return RequestIds(super().build_middleware_stack())


def create_app(
    database_url: str,
    tokens: Tokens | None = None,
    signer: Signer | None = None,
    people_keys: KeyService | None = None,
) -> FastAPI:
    """The API on a database that is up and has its schema.

    Callers are told apart by the issuer of the environment (CASELEDGER_OIDC_…), or else by the
    tokens that are given, or else by none that anybody could have. Without a signer it gives no
    evidence: who checks it needs a signed checkpoint. Without the keys of the vault it knows
    nobody. Raises ``SettingsError``.
    """
    issuer = issuer_of(os.environ)
    if issuer is not None:
        tokens = Tokens(issuer)
    engine, for_clinics = connect(database_url), connect_for_clinics(database_url)
    vaults = Vaults(connect(database_url, role=VAULT_ROLE), people_keys)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with Delivering(Deliverer(engine)):
            yield
        engine.dispose()
        for_clinics.dispose()
        vaults.engine.dispose()

    app = Api(
        title="caseledger",
        version=version("caseledger"),
        description="The case ledger of unpaid patient invoices.",
        lifespan=lifespan,
        # FastAPI's own pages would load their scripts from an outside host.
        docs_url=None,
        redoc_url=None,
        routes=[ByShape(ROUTES), *ROUTES],
    )
    app.state.books = Books(engine, for_clinics, vaults.texts)
    app.state.doorkeeper = Doorkeeper(tokens or LocalIssuer.new().tokens(), Rates())
    app.state.vaults = vaults
    app.state.signer = signer
    app.state.streams = feed.Streams()
    app.add_middleware(BodyLimit)
    problems.install(app)
    app.mount("/docs/assets", documentation.ASSETS)
    return app
