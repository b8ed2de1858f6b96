"""Who is meant, by the steps of the protocol's B4: link, identifier, minimum set, candidates. Pure.

Only the first three pair by themselves, and only where nothing speaks against it. Weights never pair anybody: they say
whom people are shown, and in which order.
"""

from collections.abc import Sequence
from typing import NamedTuple

from services.exchange.pairing.candidate import Candidate, Traits, list_spelled, sort_identifiers, spell_lines
from services.exchange.pairing.comparing import Verdict, compare
from services.exchange.pairing.pairing import Evidence, Found, Kind, Pairing, Question, Rule
from services.exchange.pairing.state import find_objection
from services.exchange.pairing.weights import WEIGHTS, to_score
from services.exchange.particulars.identification import Identification, IdQuality
from services.exchange.protocol.failures import NOT_FOUND, PROTECTED

SHOWN_FROM, LIKELY_FROM = 5, 90
"""Scores from which somebody is shown to people, and from which two of them are one too many (docs/pairing.md)."""
SHOWN_MAX = 5
INSUFFICIENT = "B-Z"
MINIMUM_SET = ("family_name", "given_names", "birth_on", "last_address_at_recipient")
_ABSENT = (IdQuality.PLACEHOLDER, IdQuality.ABSENT)


class Compared(NamedTuple):
    """A candidate with the verdict on each field."""

    candidate: Candidate
    verdicts: dict[str, Verdict]
    score: int

    @property
    def person_fits(self) -> bool:
        """Name similar enough, the birth date equal as far as both say it, not of the other sex."""
        return (
            self.verdicts["name"] in (Verdict.SAME, Verdict.CLOSE)
            and self.verdicts["birth_on"] in (Verdict.SAME, Verdict.AS_FAR_AS_SAID)
            and self.verdicts["sex"] is not Verdict.OTHER
        )

    @property
    def person_contradicts(self) -> bool:
        """Something known on both sides says that this is somebody else."""
        return (
            self.verdicts["name"] in (Verdict.PART, Verdict.OTHER)
            or self.verdicts["birth_on"] in (Verdict.TURNED, Verdict.NEAR, Verdict.OTHER)
            or self.verdicts["sex"] is Verdict.OTHER
        )

    @property
    def minimum_set_fits(self) -> bool:
        """Name, birth date to the day and last address exactly, and no identifier or sex that says otherwise."""
        return (
            all(self.verdicts[field] is Verdict.SAME for field in ("name", "birth_on", "address"))
            and self.verdicts["sex"] is not Verdict.OTHER
            and self.verdicts["identifier"] is not Verdict.OTHER
        )

    @property
    def is_link_plausible(self) -> bool:
        """A family name may have changed since; a birth date and a sex may not."""
        return (
            self.verdicts["birth_on"] in (Verdict.SAME, Verdict.AS_FAR_AS_SAID, Verdict.UNKNOWN)
            and self.verdicts["name"] is not Verdict.OTHER
            and self.verdicts["sex"] is not Verdict.OTHER
            and self.verdicts["identifier"] is not Verdict.OTHER
        )


def read_traits(identification: Identification) -> Traits:
    """What is compared of an identification. Placeholders are absent, whatever the sender thinks of them."""
    document = identification.to_document()
    listed = [
        {"kind": each.kind, "value": each.value}
        for each in identification.identifiers
        if each.id_quality not in _ABSENT
    ]
    good, weak = sort_identifiers(listed)
    # A check digit that the sender found wrong and that is right here was copied wrongly somewhere: it proves nothing.
    bad = [
        {"kind": each.kind, "value": each.value}
        for each in identification.identifiers
        if each.id_quality is IdQuality.CHECKSUM_BAD
    ]
    doubtful = sort_identifiers(bad)[0]
    address = identification.last_address_at_recipient
    return Traits(
        names=list_spelled(document),
        birth_on=identification.birth_on,
        sex=identification.sex,
        birth_place=identification.birth_place,
        identifiers=good - doubtful,
        weak=weak | doubtful,
        addresses=(lines,) if address and (lines := spell_lines(address.lines)) else (),
    )


def match(question: Question, candidates: Sequence[Candidate], asked: Traits | None = None) -> Pairing:
    """What comes of a question, whatever the order of the candidates. `asked`: the question's traits, if read before.

    Each candidate is another person: merged records are one.
    """
    asked = asked or read_traits(question.identification)
    compared = sorted(
        (compare_candidate(asked, each) for each in candidates),
        key=lambda each: (-each.score, each.candidate.person_id),
    )
    if not asked.names and asked.birth_on is None and not any(each.candidate.named_by_partner for each in compared):
        return _ask_for_more(question.identification)
    pairing = (
        _pair_by_link(question, compared)
        or _pair_by_identifier(question, compared)
        or _pair_by_minimum_set(question, compared)
        or _list_candidates(question, compared)
    )
    if pairing is None:
        return _find_nobody(question.identification, asked)
    return _hide(question.identification, asked) if pairing is _PROTECTED else pairing


def compare_candidate(asked: Traits, candidate: Candidate) -> Compared:
    """The verdicts on one candidate and what they come to."""
    verdicts = dict(compare(asked, candidate.traits))
    weight = sum(WEIGHTS[field].get(verdict, 0.0) for field, verdict in verdicts.items())
    return Compared(candidate, verdicts, to_score(weight))


def list_missing(identification: Identification) -> tuple[str, ...]:
    """Which fields of the minimum set are not said."""
    has_full = identification.full_name is not None
    named = {"family_name": has_full, "given_names": has_full}
    return tuple(
        field for field in MINIMUM_SET if getattr(identification, field) is None and not named.get(field, False)
    )


def _pair_by_link(question: Question, compared: Sequence[Compared]) -> Pairing | None:
    named = [each for each in compared if each.candidate.named_by_partner]
    if not named:
        return None
    linked = [each for each in named if _is_linked(each.candidate, question) or each.person_fits]
    others = [each for each in compared if each.verdicts["identifier"] is Verdict.SAME and each not in named]
    if len(named) == 1 and linked and linked[0].is_link_plausible and not others:
        return _paired(question, linked[0], Rule.LINK)
    return _for_people(question, Kind.CONFLICT, [*named, *others]) if linked else None


def _is_linked(candidate: Candidate, question: Question) -> bool:
    return any(partner == question.partner for partner, _ in candidate.state.linked_with)


def _pair_by_identifier(question: Question, compared: Sequence[Compared]) -> Pairing | None:
    holders = [each for each in compared if each.verdicts["identifier"] is Verdict.SAME]
    if not holders:
        return None
    if len(holders) == 1 and holders[0].person_fits:
        return _paired(question, holders[0], Rule.IDENTIFIER)
    if len(holders) > 1 or holders[0].person_contradicts:
        others = [each for each in compared if each not in holders and each.score >= SHOWN_FROM]
        return _for_people(question, Kind.CONFLICT, [*holders, *others])
    return None


def _pair_by_minimum_set(question: Question, compared: Sequence[Compared]) -> Pairing | None:
    fitting = [each for each in compared if each.minimum_set_fits]
    if len(fitting) != 1 or list_missing(question.identification):
        return None
    if any(each.person_fits for each in compared if each is not fitting[0]):
        return None
    return _paired(question, fitting[0], Rule.MINIMUM_SET)


def _list_candidates(question: Question, compared: Sequence[Compared]) -> Pairing | None:
    shown = [each for each in compared if each.score >= SHOWN_FROM]
    if not shown:
        return None
    likely = sum(each.score >= LIKELY_FROM for each in shown)
    return _for_people(question, Kind.NOT_UNIQUE if likely > 1 else Kind.CANDIDATES, shown)


def _find_nobody(identification: Identification, asked: Traits) -> Pairing:
    known = (bool(asked.names), asked.birth_on is not None, bool(asked.addresses))
    if sum(known) >= 2 or (asked.identifiers and any(known[:2])):
        return Pairing(Kind.NOT_FOUND, refusal=NOT_FOUND)
    return _ask_for_more(identification)


def _hide(identification: Identification, asked: Traits) -> Pairing:
    """What would be answered if there were nobody."""
    nobody = _find_nobody(identification, asked)
    return nobody._replace(refusal=PROTECTED) if nobody.kind is Kind.NOT_FOUND else nobody


def _ask_for_more(identification: Identification) -> Pairing:
    return Pairing(Kind.INSUFFICIENT, refusal=INSUFFICIENT, missing_fields=list_missing(identification))


def _paired(question: Question, one: Compared, rule: Rule) -> Pairing:
    candidate = one.candidate
    if candidate.state.is_protected:
        return _PROTECTED
    objection = find_objection(candidate.state, question)
    return Pairing(
        Kind.PAIRED,
        candidate.person_id,
        rule,
        one.score,
        _explain(one),
        refusal=objection.code if objection else None,
        forward_to=objection.region if objection else None,
        since=objection.since if objection else None,
    )


_PROTECTED = Pairing(Kind.NOT_FOUND, refusal=PROTECTED)
"""As if there were nobody, at once: who is protected must not be told by how long people took to say no."""


def _for_people(question: Question, kind: Kind, shown: Sequence[Compared]) -> Pairing:
    if all(each.candidate.state.is_protected for each in shown):
        return _PROTECTED
    found = sorted(shown, key=lambda each: (-each.score, each.candidate.person_id))[:SHOWN_MAX]
    return Pairing(kind, found=tuple(_show(question, each) for each in found))


def _show(question: Question, one: Compared) -> Found:
    state = one.candidate.state
    objection = find_objection(state, question)
    refusal = PROTECTED if state.is_protected else objection.code if objection else None
    return Found(one.candidate.person_id, one.score, _explain(one), refusal, state.is_protected)


def _explain(one: Compared) -> tuple[Evidence, ...]:
    return tuple(Evidence(field, verdict, WEIGHTS[field].get(verdict, 0.0)) for field, verdict in one.verdicts.items())
