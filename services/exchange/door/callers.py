"""Which member a request of a partner comes from: by its certificate, or, where there are none, by a signed word."""

from starlette.requests import Request

from services.exchange.members import Member, Members, MembersFile
from services.exchange.wire.jws import WireError
from services.exchange.wire.proofs import find_asker
from services.kernel.clock import Clock
from services.kernel.errors import Forbidden


class Callers:
    """Asks the directory in force with every request: whoever was revoked is nobody at once."""

    def __init__(self, members: MembersFile, clock: Clock) -> None:
        self._members = members
        self._clock = clock

    def current(self) -> Members:
        """The directory in force."""
        return self._members.current()

    def find_by_certificate(self, request: Request) -> Member | None:
        """None where the connection is not encrypted. Forbidden("unknown-member") for a certificate of no member."""
        names: frozenset[str] | None = request.scope.get("tls_names")
        if names is None:
            if self._members.tls is not None:  # somebody leads around the encryption
                raise Forbidden("unknown-member")
            return None
        member = self.current().find_by_tls_names(names)
        if member is None:
            raise Forbidden("unknown-member")
        return member

    def get(self, request: Request) -> Member:
        """Forbidden("unknown-member") where nobody is proved to ask."""
        return self.find_by_certificate(request) or self._by_word(request)

    def _by_word(self, request: Request) -> Member:
        header = request.headers.get("authorization", "")
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        members, now = self.current(), self._clock.now()
        try:
            region = find_asker(header, request.method, target, members.own, now, members.find_key(now))
        except WireError:
            raise Forbidden("unknown-member") from None
        return members.get(region)
