"""The register under another name, made in the processes of a rebuild."""

from services.kernel.contract.catalog import Catalog
from tests.projections.register.worker import NamedRegister


def make_register(name: str) -> NamedRegister:
    return NamedRegister(Catalog.load(), name)
