"""What a partner writes of a person: with the slips of clerks, keyboards, forms and years. Each has its own chance."""

from collections.abc import Sequence
from random import Random
from typing import Any, NamedTuple

from anyascii import anyascii

from tests.benchmarks.pairing.names import list_respellings, read_arabic, read_cyrillic
from tests.benchmarks.pairing.people import Person

CHANCES = {
    "name misspelt": 0.06,
    "names swapped": 0.03,
    "other script or spelling": 0.07,
    "second name left out": 0.05,
    "new family name": 0.03,
    "day and month turned": 0.01,
    "slip in the birth date": 0.015,
    "birth year only": 0.01,
    "other sex": 0.003,
    "no identifier": 0.12,
    "placeholder": 0.03,
    "slip in the identifier": 0.02,
    "somebody else's identifier": 0.004,
    "no address": 0.1,
    "other address": 0.15,
    "address misspelt": 0.05,
}
STRANGERS = 0.05
"""Of those whom a partner asks for, those who were never in this register."""
_PLACEHOLDERS = ("000000000000000000", "111111111111111111", "999999999999999999", "N/A")
_LETTERS = "abcdefghijklmnoprstuvxyz"


class Asked(NamedTuple):
    """`truth`: the person's number, None for a stranger. `slips`: what is wrong with what is said."""

    document: dict[str, Any]
    truth: int | None
    slips: frozenset[str]
    culture: str


def ask_about(people: Sequence[Person], strangers: Sequence[Person], count: int, seed: int) -> list[Asked]:
    """So many questions. `strangers`: people of the same kind who are not in the register."""
    random = Random(f"questions {seed}")
    asked = []
    for _ in range(count):
        is_stranger = random.random() < STRANGERS
        person = random.choice(strangers if is_stranger else people)
        asked.append(_write(random, person, None if is_stranger else person.number, people))
    return asked


def _write(random: Random, person: Person, truth: int | None, people: Sequence[Person]) -> Asked:
    slips = {slip for slip, chance in CHANCES.items() if random.random() < chance}
    family, given = person.family, person.given
    document: dict[str, Any] = {"sex": person.sex, "birth_on": person.born.isoformat()}
    if "new family name" in slips:
        if random.random() < 0.5:
            document["name_variants"] = [{"kind": "former", "family_name": family, "given_names": given}]
        family = random.choice(
            [each.family for each in random.sample(people, 5) if each.culture is person.culture] or [family]
        )
        if family == person.family:
            slips.discard("new family name")
    if "second name left out" in slips:
        if " " in given:
            given = given.split()[0]
        else:
            slips.discard("second name left out")
    if "other script or spelling" in slips:
        before = family, given
        family, given = _respell(random, person, family), _respell(random, person, given)
        if (family, given) == before:
            slips.discard("other script or spelling")
    if "name misspelt" in slips:
        if random.random() < 0.5:
            family = _misspell(random, family)
        else:
            given = _misspell(random, given)
    if "names swapped" in slips:
        family, given = given, family
    document |= {"family_name": family, "given_names": given}
    _write_birth(random, person, document, slips)
    _write_number(random, person, document, slips, people)
    _write_address(random, person, document, slips)
    return Asked(document, truth, frozenset(slips), person.culture.name)


def _write_birth(random: Random, person: Person, document: dict[str, Any], slips: set[str]) -> None:
    born = person.born
    if "birth year only" in slips:
        document["birth_on"] = f"{born:%Y}"
        slips -= {"day and month turned", "slip in the birth date"}
    elif "day and month turned" in slips and born.day <= 12 and born.day != born.month:
        document["birth_on"] = born.replace(month=born.day, day=born.month).isoformat()
        slips.discard("slip in the birth date")
    else:
        slips.discard("day and month turned")
        if "slip in the birth date" in slips:
            part = random.choice(("year", "month", "day"))
            value = {
                "year": born.year + random.choice((-10, -1, 1, 10)),
                "month": random.randint(1, 12),
                "day": random.randint(1, 28),
            }[part]
            wrong = born.replace(day=min(born.day, 28)).replace(**{part: value})
            document["birth_on"] = wrong.isoformat()
            if wrong == born:
                slips.discard("slip in the birth date")
    if "other sex" in slips:
        document["sex"] = "male" if person.sex == "female" else "female"


def _write_number(
    random: Random, person: Person, document: dict[str, Any], slips: set[str], people: Sequence[Person]
) -> None:
    value, quality = person.identifier, "VERIFIED"
    if "somebody else's identifier" in slips:
        near = people[max(person.number - 1, 0)]
        value = near.identifier if near is not person else None
    elif "placeholder" in slips:
        value, quality = random.choice(_PLACEHOLDERS), "FORMAT_OK"
    elif "slip in the identifier" in slips and value is not None:
        place = random.randrange(17)
        value = (
            value[:place]
            + random.choice([digit for digit in "0123456789" if digit != value[place]])
            + value[place + 1 :]
        )
        quality = "CHECKSUM_BAD"
    elif "no identifier" in slips:
        value = None
    if value is None:
        slips.add("no identifier")
        slips -= {"somebody else's identifier", "slip in the identifier"}
    else:
        document["identifiers"] = [{"kind": "cn.ric", "value": value, "id_quality": quality}]


def _write_address(random: Random, person: Person, document: dict[str, Any], slips: set[str]) -> None:
    if "no address" in slips:
        slips -= {"other address", "address misspelt"}
        return
    address = person.address
    if "other address" in slips:
        address = f"Elsewhere {random.randint(1, 999)}, Flat {random.randint(1, 97)}"
        slips.discard("address misspelt")
    elif "address misspelt" in slips:
        address = _misspell(random, address)
    document["last_address_at_recipient"] = {"lines": address.split(", ")}


def _misspell(random: Random, text: str) -> str:
    """A letter left out, doubled, taken for another, or turned with the next; of a Chinese name one character."""
    place = random.randrange(len(text))
    if ord(text[place]) > 0x3000:
        return text[:place] + random.choice("小晓明敏文建军华") + text[place + 1 :]
    kind = random.choice(("out", "double", "other", "turn"))
    if kind == "out" and len(text) > 2:
        return text[:place] + text[place + 1 :]
    if kind == "double":
        return text[: place + 1] + text[place] + text[place + 1 :]
    if kind == "turn" and place + 1 < len(text):
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    return text[:place] + random.choice(_LETTERS) + text[place + 1 :]


def _respell(random: Random, person: Person, text: str) -> str:
    """The same name in Latin letters, by one of the usual transcriptions; of a Latin name, by another keyboard."""
    culture = person.culture.name
    if culture == "Chinese":
        return anyascii(text).capitalize()
    if culture == "Cyrillic":
        latin = "".join(read_cyrillic().get(letter.lower(), letter) for letter in text)
        if random.random() < 0.5:
            latin = latin.replace("yo", "e").replace("iy", "y").replace("kh", "h").replace("ts", "c")
        return latin.title()
    if culture == "Arabic":
        return " ".join(_respell_arabic(random, word) for word in text.split())
    for before, after in random.choice(list_respellings()):
        text = text.replace(before, after)
    return text


def _respell_arabic(random: Random, word: str) -> str:
    if word in read_arabic():
        return random.choice(read_arabic()[word])
    return anyascii(word).replace("`", "a").replace("'", "").capitalize() or word
