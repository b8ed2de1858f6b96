"""Which projections there are. A further one is one more line."""

from services.kernel.contract.catalog import Catalog
from services.kernel.privacy.region_key import RegionKey
from services.projections.engine.projection import Projection
from services.projections.geography.projection import GeographyProjection
from services.projections.lookup.projection import LookupProjection
from services.projections.readers.projection import ReadersProjection
from services.projections.register.projection import RegisterProjection


def list_projections(region: str, catalog: Catalog, region_key: RegionKey) -> tuple[Projection, ...]:
    """All projections of a region. Called once in each process; does no I/O."""
    return (
        RegisterProjection(catalog),
        LookupProjection(catalog, region_key),
        ReadersProjection(catalog),
        GeographyProjection(catalog),
    )
