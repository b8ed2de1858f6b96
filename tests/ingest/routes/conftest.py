"""The application without what it stands on, for what is decided before anything is asked of it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from fastapi import FastAPI

from services.ingest.app import Parts, create_app
from services.ingest.corrections.store import DraftStore
from services.ingest.pipeline import Pipeline
from services.ingest.settings import IngestSettings
from services.kernel.clock import SystemClock
from services.kernel.codec import Decoder
from services.kernel.contract.catalog import Catalog
from services.kernel.geography.follower import GeographyFollower
from services.kernel.identity.jwks import FileKeys
from services.kernel.identity.local_keys import ensure_signing_key, local_audience, local_issuer
from services.kernel.reading.recorder import ReadRecorder
from services.kernel.telemetry.metrics import Metrics


@pytest.fixture
def ingest_app(tmp_path: Path) -> Callable[..., FastAPI]:
    """Makes the application; keyword arguments are settings. `pipeline=` gives it something that takes posts."""
    jwks = ensure_signing_key(tmp_path)
    settings = IngestSettings(
        region="north",
        kafka="127.0.0.1:9",
        database_url="postgresql://nowhere",
        jwks=str(jwks),
        token_issuer=local_issuer("north"),
        token_audience=local_audience("north"),
        region_key_file=tmp_path / "region.key",
    )

    def made(pipeline: object = None, **changed: Any) -> FastAPI:
        catalog, metrics = Catalog.load(), Metrics()
        parts = Parts(
            catalog,
            cast(Pipeline, pipeline),
            GeographyFollower("127.0.0.1:9", "north.geography", Decoder(catalog), metrics),
            cast(DraftStore, None),
            cast(ReadRecorder, None),
            FileKeys(jwks),
            SystemClock(),
            metrics,
            {},
        )
        return create_app(replace(settings, **changed), parts)

    return made
