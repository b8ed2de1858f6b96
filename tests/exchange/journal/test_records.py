"""Entries come back from the log as they were, and hold nothing of a person in the open."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.exchange.journal.entry import Beginning, Entry, Join, Linked, PersonKnown, SealedPart
from services.exchange.journal.finding_records import finding_entry
from services.exchange.journal.findings import FindingEnd, FindingKind, FindingNote
from services.exchange.journal.records import STEPS, EntryCoder
from services.exchange.journal.sealing import Particulars, PartSealer
from services.exchange.protocol import stimuli
from services.exchange.protocol.conversation import PauseReason
from services.exchange.protocol.envelope import Envelope, Part, Receipt, Rejection
from services.exchange.protocol.states import Role, Talk
from services.kernel.codec import Decoder
from services.kernel.codec.columns import ColumnReader
from services.kernel.contract.catalog import Catalog
from services.kernel.errors import Corrupt
from services.kernel.privacy.region_key import RegionKey
from services.kernel.privacy.sealing import DataKey

CATALOG = Catalog.load()
CODER = EntryCoder("north", CATALOG, RegionKey.derive(bytes(32)))
AT = datetime(2026, 3, 2, 9, 30, 0, 123_000, tzinfo=UTC)


def new_id() -> str:
    return str(uuid4())


FIELDS: list[Any] = [{"path": "a"}]
PARTS = (Part("subject", "a" * 64),)
ENVELOPE = Envelope(
    new_id(),
    "201",
    1,
    new_id(),
    Talk.MOVE,
    1,
    "south",
    "north",
    AT,
    b'{"x":1}',
    20101,
    occurred_on=AT.date(),
    parts=PARTS,
)
STIMULI: list[Any] = [
    stimuli.Hear(ENVELOPE),
    stimuli.Say("203", {"outcome": "CONFIRMED", "field_results": FIELDS}, new_id(), parts=PARTS),
    stimuli.Find(stimuli.Finding.PAIRED),
    stimuli.Register(new_id(), AT),
    stimuli.TakeReceipt(Receipt(new_id(), "b" * 64, AT, AT, 1)),
    stimuli.TakeRejection(Rejection(new_id(), "E-TEC-03", "/message_type")),
    stimuli.Requeue(new_id()),
    stimuli.Prove(new_id(), AT),
    stimuli.StopClock("x/FEEDBACK", PauseReason.FORCE_MAJEURE),
    stimuli.StartClock("x/FEEDBACK"),
    stimuli.Tick(),
    Join(new_id()),
]


def entry_of(stimulus: Any, **more: Any) -> Entry:
    is_message = isinstance(stimulus, stimuli.Hear | stimuli.Say)
    return Entry(
        event_id=uuid4(),
        partner="south",
        conversation_id=new_id(),
        at=AT,
        stimulus=stimulus,
        begins=Beginning(Talk.MOVE, Role.ORIGIN, asked=("west",), parent_id=new_id()),
        person=PersonKnown(uuid4(), "ID", 97, ("first", "second")),
        parts=(SealedPart("subject", "a" * 64, uuid4(), uuid4(), 5, bytes(12), b"sealed"),) if is_message else (),
        linked=Linked(7, bytes(32), b"h" * 32),
        evidence=b'{"payload":"x"}',
        actor="clerk-7",
        office="0980-1",
        case_reference="2026/77",
        **more,
    )


@pytest.mark.parametrize("stimulus", STIMULI, ids=lambda each: type(each).__name__)
def test_an_entry_comes_back_from_the_log_as_it_was(stimulus: Any) -> None:
    entry = entry_of(stimulus)
    record = CODER.encode(entry)
    assert (record.topic, record.key) == ("north.exchange", b"south")
    assert CODER.decode(record.value) == entry


@pytest.mark.parametrize("kind", FindingKind)
@pytest.mark.parametrize("ended", [None, *FindingEnd])
def test_a_finding_comes_back_as_it_was_and_says_which_link_and_nobody(
    kind: FindingKind, ended: FindingEnd | None
) -> None:
    run, verify = (None, None) if ended is None else (uuid4(), uuid4())
    note = FindingNote(uuid4(), uuid4(), kind, run, verify, ended)
    entry = finding_entry(uuid4(), "south", AT, note)
    record = CODER.encode(entry)
    assert (record.topic, record.key) == ("north.exchange", b"south")
    assert CODER.decode(record.value) == entry
    fields = Decoder(CATALOG).decode(record.value).record
    assert (fields["subjects"], fields["link_id"]) == ([], note.link_id.bytes)


def test_every_word_of_a_finding_is_one_of_the_contract_and_the_other_way_round() -> None:
    for vocabulary, codes in (("exchange_finding", FindingKind), ("finding_end", FindingEnd)):
        assert {each.lower().replace("_", "-") for each in codes} == set(CATALOG.vocabulary(vocabulary))


def test_every_step_of_the_vocabulary_is_a_stimulus_and_the_other_way_round() -> None:
    assert set(STEPS) == set(CATALOG.vocabulary("exchange_step"))
    assert {type(each) for each in STIMULI} == set(STEPS.values())


def test_a_second_person_who_decided_stands_in_the_envelope() -> None:
    record = Decoder(CATALOG).decode(CODER.encode(entry_of(stimuli.Tick())).value).record
    assert (record["actor"], record["approved_by"]) == ("clerk-7", "second")
    assert record["subjects"][0]["role"] == "person"


def test_column_readers_can_read_the_journal() -> None:
    framed = [CODER.encode(entry_of(stimuli.Hear(ENVELOPE))).value for _ in range(3)]
    table = ColumnReader(CATALOG.get_event("ExchangeMessageLogged")).read(framed).frame
    assert table["message_type"].to_list() == ["201"] * 3


def test_bytes_that_are_no_entry_are_refused_as_corrupt() -> None:
    good = CODER.encode(entry_of(stimuli.Tick())).value
    for bad in (b"", good[:-9], good + b"x", b"\x00\x00\x00\x00\x01" + good[5:]):
        with pytest.raises(Corrupt):
            CODER.decode(bad)


def test_particulars_are_opened_with_the_key_of_their_holder_only_and_only_in_their_message() -> None:
    sealer, holder, key = PartSealer(CATALOG), uuid4(), DataKey(uuid4(), AESGCM(bytes(32)))
    message, told = new_id(), Particulars(b"s" * 32, '{"family_name":"Ämple"}'.encode())
    part = sealer.seal(message, holder, "subject", "a" * 64, told, key)
    assert b"mple" not in part.ciphertext
    assert sealer.open(message, part, {key.key_id: key}) == told
    assert sealer.open(message, part, {}) is None
    for other in (part._replace(holder=uuid4()), part._replace(ciphertext=part.ciphertext[:-1] + b"x")):
        with pytest.raises(Corrupt):
            sealer.open(message, other, {key.key_id: key})
    with pytest.raises(Corrupt):
        sealer.open(new_id(), part, {key.key_id: key})


def test_half_a_millisecond_is_cut_off_so_that_every_fold_sees_the_same_instant() -> None:
    entry = entry_of(stimuli.Tick())
    finer = CODER.encode(
        Entry(**{name: getattr(entry, name) for name in entry.__slots__} | {"at": AT.replace(microsecond=123_999)})
    )
    assert CODER.decode(finer.value).at == AT
    assert UUID(CODER.decode(finer.value).conversation_id)
