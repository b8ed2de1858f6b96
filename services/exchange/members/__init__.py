"""Who the members of the federation are: one signed file, and each member's own keys.

Read in this order: `directory` (the values), `document` (their JSON), `files` (reading, and reading again), `own_keys`.
"""

from services.exchange.members.directory import Corridor, Member, MemberKey, Members, UnknownMemberError
from services.exchange.members.files import MembersFile, read_members
from services.exchange.members.own_keys import OwnKeys, TlsFiles

__all__ = [
    "Corridor",
    "Member",
    "MemberKey",
    "Members",
    "MembersFile",
    "OwnKeys",
    "TlsFiles",
    "UnknownMemberError",
    "read_members",
]
