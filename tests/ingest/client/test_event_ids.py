from pathlib import Path
from uuid import UUID

from services.ingest.client.event_ids import file_identity, make_row_ids


def test_the_same_file_and_row_always_get_the_same_id() -> None:
    assert make_row_ids("a")(7) == make_row_ids("a")(7)
    assert make_row_ids("a")(7) != make_row_ids("b")(7)


def test_ids_have_the_shape_of_uuid_version_7_and_grow_with_the_row() -> None:
    row_id = make_row_ids("a")
    ids = [row_id(row) for row in (0, 1, 4095, 4096, 5_000_000, 2**31)]
    assert [UUID(each).version for each in ids] == [7] * len(ids)
    assert ids == sorted(set(ids))
    assert all(str(UUID(each)) == each and UUID(each).variant == "specified in RFC 4122" for each in ids)


def test_the_identity_of_a_file_is_its_content_not_its_name(tmp_path: Path) -> None:
    for name, content in (("a", b"x"), ("b", b"x"), ("c", b"y")):
        (tmp_path / name).write_bytes(content)
    assert file_identity(tmp_path / "a") == file_identity(tmp_path / "b")
    assert file_identity(tmp_path / "a") != file_identity(tmp_path / "c")
    assert file_identity(tmp_path / "a", "births") != file_identity(tmp_path / "a", "deaths")
