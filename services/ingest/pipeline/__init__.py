"""What happens to a posted event: read → check → claim → identify → seal → append → settle, one step a file."""

from services.ingest.pipeline.opening import open_pipeline
from services.ingest.pipeline.outcome import Outcome, Subject
from services.ingest.pipeline.pipeline import Pipeline

__all__ = ["Outcome", "Pipeline", "Subject", "open_pipeline"]
