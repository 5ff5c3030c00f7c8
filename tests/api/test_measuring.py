"""Requests are counted by their route's template and status, unhandled errors as 500."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from api.measuring import Measured
from api.metrics import Metrics


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def app(metrics: Metrics) -> FastAPI:
    app = FastAPI()
    app.add_middleware(Measured, metrics=metrics)

    @app.get("/things/{name}")
    async def thing(name: str) -> str:
        if name == "broken":
            raise RuntimeError(name)
        return name

    return app


@pytest.mark.parametrize(
    ("path", "counted"),
    [
        ("/things/a", 'path="/things/{name}",status="200"'),
        ("/things/broken", 'path="/things/{name}",status="500"'),
        ("/nowhere", 'path="unknown",status="404"'),
    ],
)
async def test_a_request_is_counted(app: FastAPI, metrics: Metrics, path: str, counted: str) -> None:
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        await client.get(path)
    assert f'termroute_http_requests_total{{method="GET",{counted}}} 1.0' in metrics.text().decode()
