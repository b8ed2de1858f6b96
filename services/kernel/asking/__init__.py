"""What the command lines of all services share: where a service stands, with which token it is asked, how an answer is
read. Knows services by their HTTP interface only.
"""

from services.kernel.asking.client import FAILED, AsJson, Region, Token, Url, ask, ask_text, kindly, open_service
from services.kernel.asking.problems import CannotGoOn

__all__ = [
    "FAILED",
    "AsJson",
    "CannotGoOn",
    "Region",
    "Token",
    "Url",
    "ask",
    "ask_text",
    "kindly",
    "open_service",
]
