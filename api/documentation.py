"""Interactive documentation that is served from here alone."""

from importlib.resources import files
from secrets import token_urlsafe
from typing import Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

router = APIRouter(tags=["documentation"])

ASSETS: Final = StaticFiles(directory=str(files("fastapi_offline") / "static"))
"""Swagger UI, as the package ships it."""

_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>caseledger: the API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script nonce="{nonce}">
SwaggerUIBundle({{url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true}});
</script>
</body>
</html>
"""


@router.get(
    "/docs", operation_id="documentation", response_class=HTMLResponse, include_in_schema=False
)
def documentation() -> HTMLResponse:
    """The API as a page to read and to try."""
    nonce = token_urlsafe(16)
    policy = (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline';"
        " img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    return HTMLResponse(_PAGE.format(nonce=nonce), headers={"Content-Security-Policy": policy})
