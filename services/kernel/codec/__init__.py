"""Between what people post and what stands on the log: reading posts, framing, encoding, decoding, columns."""

from services.kernel.codec.decode import Decoder, Event
from services.kernel.codec.encode import encode
from services.kernel.codec.framing import frame, unframe

__all__ = ["Decoder", "Event", "encode", "frame", "unframe"]
