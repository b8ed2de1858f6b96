"""What a start may be asked for, and the ports that follow."""

import socket
from pathlib import Path

import pytest

from deploy.local.layout import Layout, StackError, make_home
from deploy.local.options import Options, choose_ports, find_options, keep_options, read_outside_servers


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return make_home(tmp_path / "home")


def test_ports_are_chosen_once_and_remembered(layout: Layout) -> None:
    first = choose_ports(layout, Options(), ["ingest"])
    assert choose_ports(layout, Options(), ["ingest"]) == first
    assert len(set(first.values())) == len(first) == 5


def test_a_remembered_port_that_somebody_took_is_replaced_and_the_others_stay(layout: Layout) -> None:
    first = choose_ports(layout, Options(), ["ingest"])
    with socket.create_server(("127.0.0.1", first["postgres"])):
        second = choose_ports(layout, Options(), ["ingest"])
    assert second.pop("postgres") != first.pop("postgres")
    assert second == first


def test_a_service_that_is_added_later_gets_a_port_and_the_others_keep_theirs(layout: Layout) -> None:
    first = choose_ports(layout, Options(), ["ingest"])
    second = choose_ports(layout, Options(), ["ingest", "projections"])
    assert first.items() < second.items()


def test_fixed_ports_stay_clear_of_one_another(layout: Layout) -> None:
    ports = choose_ports(layout, Options(brokers=3, port_base=15000), ["ingest", "projections", "exchange"])
    assert sorted(ports.values())[0] == 15000
    assert len(set(ports.values())) == len(ports)


def test_a_fixed_port_in_use_stops_the_start_and_is_named(layout: Layout) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StackError, match=str(port)):
            choose_ports(layout, Options(port_base=port), [])


def test_a_cluster_of_one_is_not_restarted_as_three(layout: Layout) -> None:
    keep_options(layout, Options(brokers=1))
    with pytest.raises(StackError, match="--brokers 1"):
        keep_options(layout, Options(brokers=3))
    kept = find_options(layout)
    assert kept is not None
    assert kept.brokers == 1


@pytest.mark.parametrize("name", ["", "Gotland", "got land", "9th", "a;drop", "../x"])
def test_a_name_that_could_not_be_part_of_a_topic_and_a_database_is_refused(name: str) -> None:
    with pytest.raises(StackError):
        Options(regions=(name,))


def test_two_brokers_are_refused_with_the_reason() -> None:
    with pytest.raises(StackError, match="could not agree"):
        Options(brokers=2)


def test_a_misspelt_setting_is_named_with_the_right_one() -> None:
    with pytest.raises(StackError, match=r"DOMICILE_KAFAK.*DOMICILE_KAFKA"):
        read_outside_servers({"DOMICILE_KAFAK": "localhost:9092"})


def test_settings_of_a_service_are_left_to_that_service() -> None:
    given = read_outside_servers({"DOMICILE_INGEST_BYTES_MAX": "1", "DOMICILE_KAFKA": "kafka:9092", "OTHER": "x"})
    assert given == {"kafka": "kafka:9092", "database_url": None}
