"""The one error this room raises."""


class EmbeddedError(RuntimeError):
    """A private server cannot be had; the sentence names what mends it."""
