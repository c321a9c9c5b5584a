"""The error tree of ingestion, by what to do next: wait, stop, fix a setting, or ask the provider.

Belongs here: exception classes only. Which provider code maps to which class belongs to each source.
"""


class RotationError(Exception):
    """Root of every error a user may read; the text names what, where and what to do."""


class SettingsError(RotationError):
    """A setting, path or argument is wrong: the user must change it."""


class HomeBusyError(RotationError):
    """Another process holds the home: wait for it, or end it."""


class LandingError(RotationError):
    """A landed batch cannot be written or read back: look at the disk named in the text."""


class BadPayloadError(RotationError):
    """A provider's body is not what its notes promise: nothing is parsed, a person looks at the landed bytes."""


class WarehouseError(RotationError):
    """The warehouse file cannot be written or opened: look at the disk, or at who holds the file."""
