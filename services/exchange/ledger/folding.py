"""The fold: one entry after the other goes through `decide`, on values in memory. No I/O, no clock.

The same entries in the same order, on the same house, come to the same values: that is what a rebuild relies on.
"""

import hashlib
from dataclasses import replace
from uuid import UUID

from services.exchange.journal.entry import Beginning, Entry, Join, Linked, Outcome, PersonKnown
from services.exchange.journal.findings import FindingNote
from services.exchange.ledger.changes import Chains, Changes, Held, Joined, MessageRow, PartRow, Send
from services.exchange.ledger.house import House
from services.exchange.protocol import begin, decide, join, welcome
from services.exchange.protocol.conversation import Conversation, Directory, Letter
from services.exchange.protocol.envelope import Receipt, Rejection, derive_id
from services.exchange.protocol.failures import FAILURES
from services.exchange.protocol.states import TAKEN, UNDER_WAY, Role, Talk
from services.exchange.protocol.stimuli import (
    Decision,
    Denial,
    Hear,
    Opening,
    Register,
    Stimulus,
    TakeReceipt,
    TakeRejection,
    Tick,
)
from services.exchange.wire.chain import GENESIS, ChainLink
from services.exchange.wire.letters import letter_payload

_OPENS = {"201": (Talk.MOVE, Role.DESTINATION), "202": (Talk.MOVE, Role.ORIGIN), "501": (Talk.DISCREPANCY, Role.ASKER)}
UNKNOWN = Denial("unknown-conversation", "/conversation_id")


class Fold:
    """The conversations that a batch needs, and what it changes. `held`: by the first of their ids."""

    def __init__(
        self, house: House, directory: Directory, held: dict[str, Held], aliases: dict[str, str], chains: Chains
    ) -> None:
        self.changes = Changes()
        self.held = held
        self.chains = chains
        self._house = house
        self._directory = directory
        self._aliases = aliases

    def take(self, entry: Entry) -> None:
        """Folds one entry. Whatever it raises, nothing of the entry is left behind."""
        match entry.stimulus:
            case Join() as join_:
                outcome = self._join(entry, join_)
            case FindingNote() as note:
                self.changes.findings.append((entry.partner, entry.at, note))
                outcome = Outcome(entry.conversation_id)
            case stimulus:
                outcome = self._decide(entry, stimulus)
        self.changes.outcomes[entry.event_id] = (entry.at, outcome)

    def find(self, conversation_id: str) -> Held | None:
        """The conversation under any of its ids."""
        return self.held.get(self._aliases.get(conversation_id, conversation_id))

    def _decide(self, entry: Entry, stimulus: Stimulus) -> Outcome:
        known = self.find(entry.conversation_id)
        if known is not None and known.conversation.partner != entry.partner:
            return _nobody(entry)
        before = known.conversation if known is not None else self._begin(entry)
        if before is None:
            return _nobody(entry)
        if isinstance(before, Rejection):
            return Outcome(entry.conversation_id, before)
        decision = decide(stimulus, before, entry.at, self._directory)
        if known is None and not _is_kept(decision):
            return Outcome(entry.conversation_id, decision.reply, decision.denial)
        held = replace(known) if known is not None else Held(before, entry.at)
        self._settle(entry, held, before, decision)
        return Outcome(decision.conversation.id, decision.reply, decision.denial)

    def _begin(self, entry: Entry) -> Conversation | Rejection | None:
        begins = entry.begins
        if isinstance(entry.stimulus, Hear):
            envelope = entry.stimulus.envelope
            if envelope.sender_jurisdiction != entry.partner:
                return Rejection(envelope.message_id, "E-TEC-06", "/sender_jurisdiction")
            begins = begins or Beginning(Talk.MOVE, Role.ORIGIN)
            return welcome(envelope, self._house.own, entry.at, begins.profile)
        if begins is None:
            return None
        return begin(
            entry.conversation_id,
            begins.talk,
            self._house.own,
            entry.partner,
            begins.role,
            entry.at,
            profile=begins.profile,
            asked=begins.asked,
            parent_id=begins.parent_id,
        )

    def _join(self, entry: Entry, stimulus: Join) -> Outcome:
        one, other = self.find(entry.conversation_id), self.find(stimulus.other_id)
        if one is None or other is None or one.conversation.partner != entry.partner:
            return _nobody(entry)
        if one.conversation.id == other.conversation.id:
            return Outcome(one.conversation.id)
        announced, arrived = (one, other) if one.conversation.arrival is None else (other, one)
        decision = join(announced.conversation, arrived.conversation, entry.at, self._directory)
        if decision.denial is not None:
            return Outcome(one.conversation.id, None, decision.denial)
        person = arrived if arrived.person_id is not None else announced
        held = Held(
            decision.conversation,
            min(announced.opened_at, arrived.opened_at),
            person.person_id,
            person.person_rule,
            announced.revision + arrived.revision,
            person_since=person.person_since,
        )
        kept = decision.conversation.id
        gone = next(each.conversation.id for each in (one, other) if each.conversation.id != kept)
        decision = decision._replace(obligations=decision.conversation.obligations)
        self._settle(entry, held, arrived.conversation, decision)
        self._forget(gone, kept)
        return Outcome(kept)

    def _forget(self, gone: str, kept: str) -> None:
        self.changes.joined.append(Joined(gone, kept))
        del self.held[gone]
        self.changes.changed.discard(gone)
        for alias, target in list(self._aliases.items()):
            if target == gone:
                self._aliases[alias] = kept
        self._aliases[gone] = self.changes.aliases[gone] = kept
        for key in [key for key in self.changes.obligations if key[0] == gone]:
            del self.changes.obligations[key]
        for key, escalated in list(self.changes.escalations.items()):
            if key[0] == gone:
                self.changes.escalations[kept, key[1]] = escalated
                del self.changes.escalations[key]
        for row in self.changes.messages.values():
            if row.conversation_id == gone:
                row.conversation_id = kept
        self.changes.posts = [(kept if each == gone else each, post) for each, post in self.changes.posts]

    def _settle(self, entry: Entry, held: Held, before: Conversation, decision: Decision) -> None:
        """All that may raise first; then what the batch changes."""
        after = decision.conversation
        if entry.person is not None and decision.denial is None:
            held.person_id, held.person_rule = entry.person.person_id, entry.person.rule
            held.person_since = held.person_since or entry.at
        held.conversation, held.revision, held.duty_since = after, held.revision + 1, entry.at
        posts = self._house.make_posts(decision.register_events, after, held.person_id, entry.at)
        letters = self._letters(entry, before, decision)
        follow_ups = [self._open(each, held, entry) for each in decision.openings]
        changes = self.changes
        self.held[after.id] = held
        changes.changed.add(after.id)
        for row in letters:
            if row.linked is not None:
                self.chains.move(row.partner, True, row.linked.position, row.linked.signed_hash)
            changes.put_message(row)
        changes.posts += [(after.id, post) for post in posts]
        changes.follow_ups += follow_ups
        for obligation in decision.obligations:
            changes.obligations[after.id, obligation.id] = obligation
        for escalation in decision.escalations:
            changes.escalations[after.id, escalation.obligation_id] = (escalation, entry.at)
        self._keep_heard(entry, before, decision)
        if letters and entry.parts and not isinstance(entry.stimulus, Hear):
            self._keep_said(entry, after)

    def _letters(self, entry: Entry, before: Conversation, decision: Decision) -> list[MessageRow]:
        """Rows of those of our letters that changed; with their place in the chain where they leave for the first
        time. Who brings them signs them, with the key of that day."""
        known = {each.id: each for each in before.letters}
        leaving = {each.message_id for each in decision.messages}
        head = self.chains.find(before.partner, True)
        rows = []
        for letter in decision.conversation.letters:
            if known.get(letter.id) == letter and letter.id not in leaving:
                continue
            row = _row_of(letter, decision.conversation, entry)
            if letter.id in leaving:
                row.send = entry.at
                if letter.attempt == 1:
                    position, previous = (1, bytes.fromhex(GENESIS)) if head is None else (head[0] + 1, head[1])
                    row.payload = letter_payload(letter.envelope, ChainLink(position, previous.hex()))
                    row.linked = Linked(position, previous, hashlib.sha256(row.payload).digest())
                    head = (position, row.linked.signed_hash)
            rows.append(row)
        return rows

    def _keep_heard(self, entry: Entry, before: Conversation, decision: Decision) -> None:
        """The partner's message, when it is taken or refused for good for the first time."""
        if not isinstance(entry.stimulus, Hear):
            return
        envelope, reply = entry.stimulus.envelope, decision.reply
        is_taken = isinstance(reply, Receipt)
        seen = before.find_taken(envelope.message_id) is not None
        seen = seen or any(each.message_id == envelope.message_id for each in before.refused)
        if seen or reply is None or (isinstance(reply, Rejection) and FAILURES[reply.error_code].retryable):
            return
        after = decision.conversation
        taken = after.find_taken(envelope.message_id)
        row = MessageRow(
            envelope.message_id,
            False,
            entry.partner,
            after.id,
            envelope.message_type,
            taken.outcome if taken is not None else "",
            envelope.in_reply_to,
            envelope.recorded_at,
            entry.linked,
            jws=entry.evidence,
            taken_at=reply.received_at if isinstance(reply, Receipt) else None,
            error_code=None if isinstance(reply, Receipt) else reply.error_code,
            send=Send.CLEAR,
        )
        self.changes.put_message(row)
        if is_taken:
            self.changes.parts += [PartRow(envelope.message_id, False, part) for part in entry.parts]
        head = self.chains.find(entry.partner, False)
        if entry.linked is not None and (head is None or head[0] < entry.linked.position):
            self.chains.move(entry.partner, False, entry.linked.position, entry.linked.signed_hash)

    def _keep_said(self, entry: Entry, after: Conversation) -> None:
        """Particulars of what was said, as far as the letter speaks of them: a neutral answer holds none."""
        message_id = getattr(entry.stimulus, "message_id", None)
        letter = after.find_letter(message_id)
        if letter is not None:
            spoken = {part.commitment for part in letter.envelope.parts}
            self.changes.parts += [PartRow(letter.id, True, part) for part in entry.parts if part.commitment in spoken]

    def _open(self, opening: Opening, held: Held, entry: Entry) -> Entry:
        """Another conversation because of this one. What is to be said in it is the clerk's, or people's, to say."""
        parent = held.conversation
        talk, role = _OPENS[opening.code]
        cause = (parent.own, parent.id, entry.event_id, opening.code, opening.partner)
        stimulus: Stimulus = Tick()
        if opening.code == "201" and parent.registration_id is not None:
            stimulus = Register(parent.registration_id, entry.at)
        person = None if held.person_id is None else PersonKnown(held.person_id, "PARENT")
        return Entry(
            event_id=UUID(derive_id(entry.at, "opening", *cause)),
            partner=opening.partner,
            conversation_id=derive_id(entry.at, "conversation", *cause),
            at=entry.at,
            stimulus=stimulus,
            begins=Beginning(talk, role, parent.profile, opening.asked, opening.parent_id),
            person=person,
        )


def _row_of(letter: Letter, conversation: Conversation, entry: Entry) -> MessageRow:
    envelope, receipt = letter.envelope, letter.receipt
    answers = isinstance(entry.stimulus, TakeReceipt | TakeRejection) and entry.stimulus[0].message_id == letter.id
    return MessageRow(
        letter.id,
        True,
        conversation.partner,
        conversation.id,
        letter.code,
        letter.outcome,
        envelope.in_reply_to,
        envelope.recorded_at,
        delivery=letter.delivery,
        error_code=letter.error_code,
        attempt=letter.attempt,
        taken_at=receipt.received_at if receipt is not None and letter.delivery in TAKEN else None,
        send=Send.KEEP if letter.delivery in UNDER_WAY else Send.CLEAR,
        answer=entry.evidence if answers else None,
        answered_at=entry.at if answers else None,
    )


def _nobody(entry: Entry) -> Outcome:
    if isinstance(entry.stimulus, Hear):
        rejection = Rejection(entry.stimulus.envelope.message_id, "E-TEC-06", "/conversation_id")
        return Outcome(entry.conversation_id, rejection)
    return Outcome(entry.conversation_id, None, UNKNOWN)


def _is_kept(decision: Decision) -> bool:
    """Whether a conversation that begins with this stays: what was refused and may come again leaves nothing."""
    if isinstance(decision.reply, Rejection):
        return not FAILURES[decision.reply.error_code].retryable
    return decision.denial is None
