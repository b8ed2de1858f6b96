"""`python -m tests.benchmarks.pairing.quality`: what pairing makes of questions with slips, and the weights behind it.

The register is an index in memory with the very entries that the lookup projection keeps, and records with the traits
that are read of them; finding and matching are the product's.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from math import log2
from random import Random
from typing import Annotated, Any
from uuid import UUID

import typer

from services.exchange.pairing import matching
from services.exchange.pairing.candidate import Candidate, Traits, list_spelled, spell_lines
from services.exchange.pairing.comparing import FIELDS, Verdict, compare
from services.exchange.pairing.finding import (
    FOUND_MAX,
    find_span,
    list_farther_keys,
    list_likely_keys,
    list_lines,
    list_spellings,
)
from services.exchange.pairing.matching import match, read_traits
from services.exchange.pairing.pairing import NEEDS_PEOPLE, Kind, Pairing, Question
from services.exchange.particulars.identification import Identification
from services.kernel.codec.posts.dates import EPOCH
from services.kernel.privacy.name_index import ADDRESS, NAME, list_entries
from tests.benchmarks.pairing.people import Person, make_people
from tests.benchmarks.pairing.slips import CHANCES, Asked, ask_about

SEED = 2026


class Register:
    """People, found by the entries of the index."""

    def __init__(self, people: Sequence[Person]) -> None:
        self.people = people
        self._entries: dict[tuple[bytes, str], list[int]] = defaultdict(list)
        self._numbers: dict[str, list[int]] = defaultdict(list)
        self._traits: dict[int, Traits] = {}
        for person in people:
            for entry in list_entries(write_civil(person), person.born.toordinal() - EPOCH):
                self._entries[entry].append(person.number)
            if person.identifier:
                self._numbers[person.identifier].append(person.number)

    def pair(self, number: int, asked: Asked) -> tuple[Pairing, int]:
        """As the product does, in two rounds. With how many records were looked at."""
        identification = Identification.from_document(asked.document)
        question = Question(str(UUID(int=number)), identification, "south")
        traits = read_traits(identification)
        found = self._find_likely(identification, traits)
        pairing = match(question, [self._candidate(each) for each in found], traits)
        if pairing.kind is Kind.NOT_FOUND:
            found |= self._find_farther(identification)
            pairing = match(question, [self._candidate(each) for each in found], traits)
        return pairing, len(found)

    def get_traits(self, number: int) -> Traits:
        """What is compared of a person."""
        traits = self._traits.get(number)
        if traits is None:
            person = self.people[number]
            civil = write_civil(person)
            identifiers = frozenset([("cn.ric", person.identifier)] if person.identifier else [])
            address = spell_lines(civil["address"]["lines"])
            traits = self._traits[number] = Traits(
                list_spelled(civil), person.born.isoformat(), person.sex, None, identifiers, frozenset(), (address,)
            )
        return traits

    def _candidate(self, number: int) -> Candidate:
        return Candidate(UUID(int=number), self.get_traits(number))

    def _find_likely(self, asked: Identification, traits: Traits) -> set[int]:
        found = {number for _, value in traits.identifiers for number in self._numbers.get(value, ())}
        for key in list_likely_keys(asked):
            found.update(self._entries.get(key, ())[:FOUND_MAX])
        span = find_span(asked)
        if span is not None and span[0] != span[1]:
            named = [self._entries.get((NAME, name), ()) for name in list_spellings(asked)]
            found.update(each for numbers in named for each in numbers if self._is_born(each, span))
        return found

    def _find_farther(self, asked: Identification) -> set[int]:
        found: set[int] = set()
        for key in list_farther_keys(asked):
            found.update(self._entries.get(key, ())[:FOUND_MAX])
        at = [self._entries.get((ADDRESS, line), ()) for line in list_lines(asked)]
        span = find_span(asked)
        if span is not None:
            found.update(each for numbers in at for each in numbers if self._is_born(each, span))
        named = {each for name in list_spellings(asked) for each in self._entries.get((NAME, name), ())}
        found.update(each for numbers in at for each in numbers if each in named)
        return found

    def _is_born(self, number: int, span: tuple[int, int]) -> bool:
        return span[0] <= self.people[number].born.toordinal() - EPOCH <= span[1]


def write_civil(person: Person) -> dict[str, Any]:
    """What the register holds of somebody."""
    return {
        "family_name": person.family,
        "given_names": person.given,
        "address": {"lines": person.address.split(", ")},
    }


@dataclass
class Tally:
    """How many of some questions ended how."""

    asked: int = 0
    right: int = 0
    wrong: int = 0
    people: int = 0
    among: int = 0
    first: int = 0
    nobody: int = 0
    known: int = 0

    def add(self, pairing: Pairing, truth: int | None) -> None:
        self.asked += 1
        self.known += truth is not None
        if pairing.kind is Kind.PAIRED:
            is_right = pairing.person_id is not None and pairing.person_id.int == truth
            self.right += is_right
            self.wrong += not is_right
        elif pairing.kind in NEEDS_PEOPLE:
            self.people += 1
            shown = [each.person_id.int for each in pairing.found]
            self.among += truth in shown
            self.first += bool(shown) and shown[0] == truth
        else:
            self.nobody += truth is not None

    def row(self, name: str) -> str:
        known = max(self.known, 1)
        paired = self.right + self.wrong
        cells = (
            f"{self.asked:,}",
            f"{self.right / paired:.4%}" if paired else "",
            f"{self.right / known:.1%}",
            f"{(self.right + self.among) / known:.2%}",
            f"{self.people / max(self.asked, 1):.1%}",
            f"{self.first / self.among:.1%}" if self.among else "",
            f"{self.nobody / known:.2%}",
        )
        return f"| {name} | " + " | ".join(cells) + " |"


HEAD = (
    "| questions | number | precision | paired by itself | found in all | needs people | first is right | missed |\n"
    "|---|---:|---:|---:|---:|---:|---:|---:|"
)


@dataclass
class Measured:
    """Tallies by what is asked of; seconds of work; records looked at."""

    tallies: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    kinds: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[Asked, Pairing]] = field(default_factory=list)
    strangers_shown: int = 0
    looked_at: int = 0
    cpu_s: float = 0.0


def measure(register: Register, asked: Sequence[Asked], pair: Callable[[int, Asked], tuple[Pairing, int]]) -> Measured:
    """What comes of the questions."""
    measured = Measured()
    begun = time.process_time()
    answers = [pair(number, each) for number, each in enumerate(asked)]
    measured.cpu_s = time.process_time() - begun
    for each, (pairing, looked_at) in zip(asked, answers, strict=True):
        measured.looked_at += looked_at
        measured.kinds[pairing.kind] += 1
        measured.rules[pairing.rule or "-"] += 1
        if pairing.kind is Kind.PAIRED and (pairing.person_id is None or pairing.person_id.int != each.truth):
            measured.wrong.append((each, pairing))
        if each.truth is None:
            measured.strangers_shown += pairing.kind in NEEDS_PEOPLE
            names = ["who is not in the register"]
        else:
            names = sorted(each.slips) or ["nothing wrong"]
            names += [f"names: {each.culture}", *(["two slips or more"] if len(each.slips) > 1 else [])]
        for name in ("all", *names):
            measured.tallies[name].add(pairing, each.truth)
    return measured


def weigh(register: Register, asked: Sequence[Asked], seed: int) -> Iterator[str]:
    """m, u and log2(m / u) of every verdict: from true pairs, and from pairs drawn at random."""
    random = Random(f"weights {seed}")
    true, other = Counter[tuple[str, Verdict]](), Counter[tuple[str, Verdict]]()
    traits = [(read_traits(Identification.from_document(each.document)), each.truth) for each in asked]
    known = [(mine, truth) for mine, truth in traits if truth is not None]
    for mine, truth in known:
        true.update(compare(mine, register.get_traits(truth)))
    draws = 40 * len(known)
    for _ in range(draws):
        mine, truth = known[random.randrange(len(known))]
        number = random.randrange(len(register.people))
        if number != truth:
            other.update(compare(mine, register.get_traits(number)))
    for name in FIELDS:
        said, drawn = (
            sum(count for (field_, verdict), count in counted.items() if field_ == name and verdict != Verdict.UNKNOWN)
            for counted in (true, other)
        )
        for verdict in Verdict:
            m, u = true[name, verdict], other[name, verdict]
            if verdict is not Verdict.UNKNOWN and (m or u):
                weight = log2(((m + 0.5) / (said + 1)) / ((u + 0.5) / (drawn + 1)))
                rates = f"m {m / max(said, 1):.5f}  u {u / max(drawn, 1):.7f}  ({u} drawn)"
                yield f"{name:<12} {verdict:<15} {rates}  {weight:+.1f}"


def main(
    people: Annotated[int, typer.Option(help="People of the register.")] = 100_000,
    questions: Annotated[int, typer.Option(help="Questions of the partner.")] = 20_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same people, questions and answers.")] = SEED,
    weights: Annotated[bool, typer.Option("--weights", help="Measure the weights too.")] = False,
    shown_from: Annotated[int, typer.Option(help="Another score from which somebody is shown.")] = matching.SHOWN_FROM,
    wrong: Annotated[int, typer.Option(help="Print so many of the pairs that are wrong.")] = 0,
) -> None:
    """Precision, recall, and how many need people."""
    matching.SHOWN_FROM = shown_from
    register = Register(make_people(people, seed))
    asked = ask_about(register.people, make_people(max(people // 10, 100), seed + 1), questions, seed)
    measured = measure(register, asked, register.pair)
    typer.echo(HEAD)
    order = ["all", "nothing wrong", *CHANCES, "two slips or more", "who is not in the register"]
    for name in [*order, *sorted(each for each in measured.tallies if each.startswith("names:"))]:
        typer.echo(measured.tallies[name].row(name))
    typer.echo(f"\nkinds: {dict(measured.kinds)}; rules: {dict(measured.rules)}")
    typer.echo(f"strangers shown to people: {measured.strangers_shown}; wrong pairs: {len(measured.wrong)}")
    typer.echo(
        f"{measured.looked_at / questions:.2f} records looked at; {questions / measured.cpu_s:,.0f} per CPU second"
    )
    for each, pairing in measured.wrong[:wrong]:
        held = register.people[pairing.person_id.int] if pairing.person_id else None
        typer.echo(f"{each.document} {sorted(each.slips)} -> {pairing.rule} {held and held._replace(culture=None)}")
    if weights:
        typer.echo("\n".join(weigh(register, asked, seed)))


if __name__ == "__main__":
    typer.run(main)
