"""The register under another name, made in the processes of a rebuild."""

from multiprocessing import parent_process

from services.kernel.contract.catalog import Catalog
from tests.projections.register.worker import NamedRegister, raise_where_asked


def make_register(name: str) -> NamedRegister:
    if parent_process() is not None:  # not in the process of the tests themselves
        raise_where_asked()
    return NamedRegister(Catalog.load(), name)
