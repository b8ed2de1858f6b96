"""Where people come from and go to who do not move between the counties at hand: a rule, no table says it."""

from deploy.demo.exploder.posts import UNKNOWN_PLACE, Place
from deploy.demo.exploder.rules import Lots
from deploy.demo.exploder.tables import County

_ABROAD_PERCENT, _UNKNOWN_PERCENT = 25, 5
# Neighbours and big towns by hand; a region that appears twice is drawn twice as often.
_REGIONS = (
    ("stockholm", "01"),
    ("stockholm", "01"),
    ("stockholm", "01"),
    ("uppsala", "03"),
    ("sodermanland", "04"),
    ("ostergotland", "05"),
    ("skane", "12"),
    ("vastra-gotaland", "14"),
    ("vastra-gotaland", "14"),
    ("orebro", "18"),
    ("dalarna", "20"),
    ("gavleborg", "21"),
    ("vasternorrland", "22"),
    ("vasternorrland", "22"),
    ("vasterbotten", "24"),
    ("norrbotten", "25"),
)
_COUNTRIES = ("NO", "NO", "NO", "FI", "FI", "DK", "DE", "GB", "PL", "TH", "US")


def draw_place(lots: Lots, county: County) -> Place:
    """Another Swedish county (weighted by hand), a country abroad, or unknown."""
    share = lots.below(100)
    if share < _UNKNOWN_PERCENT:
        return UNKNOWN_PLACE
    if share < _UNKNOWN_PERCENT + _ABROAD_PERCENT:
        return Place("abroad", country=_COUNTRIES[lots.below(len(_COUNTRIES))])
    others = [place for place in _REGIONS if place[1] != county.code]
    region, area = others[lots.below(len(others))]
    return Place("region", region, area)
