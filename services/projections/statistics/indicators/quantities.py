"""What numerators and denominators count."""

from collections.abc import Mapping

from services.projections.statistics.indicators.counting import By, Key, Value
from services.projections.statistics.indicators.declaration import PERSON_YEARS, Quantity
from services.projections.statistics.indicators.figure import Number
from services.projections.statistics.indicators.tally import COMPLETED_AGE, Tally

NEONATAL_DAYS = 28


def _occurrences(kind: str, words: str) -> Quantity:
    return Quantity(f"{kind}s", words, "events", lambda tally, by: tally.occurrences(kind, by))


def _women(cell: Mapping[str, Value]) -> bool:
    return cell["sex"] == "female"


def _infants(cell: Mapping[str, Value]) -> bool:
    return cell[COMPLETED_AGE] == 0


def _newborn(cell: Mapping[str, Value]) -> bool:
    lived = cell["days-lived"]
    return isinstance(lived, int) and 0 <= lived < NEONATAL_DAYS


def _of_sex(sex: str) -> Quantity:
    return Quantity(
        f"{sex}-births",
        f"live births of {sex} children",
        "events",
        lambda tally, by: tally.occurrences("birth", by, lambda cell: cell["sex"] == sex, ("sex",)),
    )


def _women_of_age(tally: Tally, by: By) -> Mapping[Key, Number]:
    until = tally.question.women_until

    def chosen(cell: Mapping[str, Value]) -> bool:
        age = cell["age"]
        return _women(cell) and isinstance(age, int) and 15 <= age <= until

    return tally.lived(by, chosen, ("sex", "age"))


BIRTHS = _occurrences("birth", "live births, at the mother's usual residence, by day of birth")
STILLBIRTHS = _occurrences("stillbirth", "stillbirths, at the mother's usual residence")
DEATHS = _occurrences("death", "deaths, at the deceased's usual residence, by day of death; no foetal deaths")
MARRIAGES = _occurrences("marriage", "marriages: events, not persons")
DIVORCES = _occurrences("divorce", "divorces: events, not persons")
MALE_BIRTHS, FEMALE_BIRTHS = _of_sex("male"), _of_sex("female")
INFANT_DEATHS = Quantity(
    "infant-deaths",
    "deaths before the first birthday",
    "events",
    lambda tally, by: tally.occurrences("death", by, _infants, (COMPLETED_AGE,)),
)
NEONATAL_DEATHS = Quantity(
    "neonatal-deaths",
    f"deaths within {NEONATAL_DAYS} days of birth",
    "events",
    lambda tally, by: tally.occurrences("death", by, _newborn, ("days-lived",)),
)
LIVED = Quantity("lived", "everybody", PERSON_YEARS, lambda tally, by: tally.lived(by))
WOMEN = Quantity("women", "women by age", PERSON_YEARS, lambda tally, by: tally.lived(by, _women, ("sex",)))
WOMEN_OF_AGE = Quantity("women-15-49", "women from 15 to 49 (or to 44, on request)", PERSON_YEARS, _women_of_age)
PEOPLE = Quantity(
    "people-at-end",
    "people at the end of the last day of the period",
    "people",
    lambda tally, by: tally.people(tally.question.span.end - 1, by),
)
