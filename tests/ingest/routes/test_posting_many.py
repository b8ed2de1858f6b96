"""POST /v1/events:batch: an outcome per item, the good ones kept."""

import gzip
import json

from tests.ingest.offices import Office, birth, refusal

NDJSON = {"content-type": "application/x-ndjson"}
BATCH = "/v1/events:batch"


def test_the_good_items_are_kept_and_the_bad_ones_told(registrar: Office) -> None:
    events = [birth(), birth(sex="unheard-of"), birth()]
    answer = registrar.http.post(BATCH, json=events)
    told = answer.json()
    assert answer.status_code == 200
    assert (told["recorded"], told["refused"]) == (2, 1)
    assert [one["status"] for one in told["outcomes"]] == [201, 422, 201]
    assert [one["index"] for one in told["outcomes"]] == [0, 1, 2]
    bad = told["outcomes"][1]
    assert (bad["code"], bad["path"]) == ("unknown-word", "/sex")
    assert bad["rule"]
    assert bad["remedy"]


def test_a_bad_line_is_one_refused_item_and_blank_lines_are_none(registrar: Office) -> None:
    answer = registrar.post_lines([b"\xef\xbb\xbf" + json.dumps(birth()).encode(), b"", b" \r", b"{bad", birth(), b""])
    told = answer.json()
    assert [one["status"] for one in told["outcomes"]] == [201, 400, 201]
    assert told["outcomes"][1]["code"] == "malformed-json"


def test_the_same_batch_again_is_repeated_item_by_item(registrar: Office) -> None:
    events = [birth() for _ in range(20)]
    first, second = registrar.post_lines(events).json(), registrar.post_lines(events).json()
    assert (first["recorded"], second["recorded"], second["repeated"]) == (20, 0, 20)
    assert [one["position"] for one in first["outcomes"]] == [one["position"] for one in second["outcomes"]]


def test_an_id_twice_in_one_batch_has_one_effect(registrar: Office) -> None:
    event = birth()
    told = registrar.post_lines([event, event, event | {"sex": "male"}]).json()
    assert [one["status"] for one in told["outcomes"]] == [201, 200, 409]


def test_only_the_refused_items_are_told_when_asked_so(registrar: Office) -> None:
    told = registrar.post_lines([birth(), birth(sex=1), birth()], "?outcomes=refused").json()
    assert (told["recorded"], [one["index"] for one in told["outcomes"]]) == (2, [1])


def test_a_dry_run_of_a_batch_appends_nothing(registrar: Office) -> None:
    events = [birth(), birth()]
    assert registrar.post_lines(events, "?dry_run=true").json()["checked"] == 2
    assert registrar.post_lines(events).json()["recorded"] == 2


def test_a_batch_may_say_where_its_items_come_from(registrar: Office) -> None:
    event = birth()
    assert registrar.post_lines([event], "?source=import").json()["recorded"] == 1
    assert registrar.post(event).json()["outcome"] == "repeated"
    assert refusal(registrar.post_lines([event], "?source=rumour")) == (400, "wrong-parameter", "?source")


def test_a_batch_may_be_packed(registrar: Office) -> None:
    body = gzip.compress(b"\n".join(json.dumps(birth()).encode() for _ in range(50)))
    answer = registrar.http.post(BATCH, content=body, headers=NDJSON | {"content-encoding": "gzip"})
    assert answer.json()["recorded"] == 50


def test_a_batch_that_cannot_be_divided_is_refused_whole(registrar: Office) -> None:
    assert refusal(registrar.post(b"{}", BATCH)) == (400, "not-a-batch", "")
    assert refusal(registrar.post(b"[1, 2", BATCH)) == (400, "malformed-json", "")
    assert refusal(registrar.post(b"[]", BATCH)) == (400, "empty-batch", "")
    assert refusal(registrar.post(b"", BATCH)) == (400, "empty-batch", "")
    assert refusal(registrar.post_lines([b"", b" "])) == (400, "empty-batch", "")
    assert refusal(registrar.post(b"[" * 60_000, BATCH))[0] == 400


def test_no_batch_has_more_than_five_thousand_items(registrar: Office) -> None:
    assert refusal(registrar.post_lines([b"{}"] * 5001))[:2] == (413, "too-many-items")
    told = registrar.post_lines([b"{}"] * 5000, "?outcomes=refused").json()
    assert told["refused"] == 5000


def test_a_giant_item_is_refused_by_itself(registrar: Office) -> None:
    giant = json.dumps(birth(office="x" * (300 << 10))).encode()
    told = registrar.post_lines([birth(), giant]).json()
    assert [one["status"] for one in told["outcomes"]] == [201, 413]
