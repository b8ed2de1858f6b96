"""From the bytes of one posted event to typed values, or a refusal that names place, rule and remedy."""

from services.kernel.codec.posts.reader import Post, PostReader

__all__ = ["Post", "PostReader"]
