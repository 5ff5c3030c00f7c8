"""One table from errors to HTTP problem documents (RFC 9457) and to exit codes, and the errors of the doors themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class ApiError(Exception):
    """Base of the errors of the doors."""


@dataclass(frozen=True, slots=True)
class SettingProblem:
    """One setting that is wrong: where it stands, its value (masked if secret), and what is allowed."""

    name: str
    value: str
    message: str

    def __str__(self) -> str:
        shown = f" = {self.value!r}" if self.value else ""
        return f"{self.name}{shown}: {self.message}"


class SettingsError(ApiError):
    """The settings cannot be used; `problems` lists every reason."""

    def __init__(self, problems: Sequence[SettingProblem]) -> None:
        self.problems = tuple(problems)
        lines = "\n".join(f"  - {problem}" for problem in self.problems)
        super().__init__(f"{len(self.problems)} setting(s) cannot be used:\n{lines}")


class NotFoundError(ApiError):
    """Something asked for by its id does not exist."""

    def __init__(self, what: str, key: str) -> None:
        self.what, self.key = what, key
        super().__init__(f"There is no {what} {key!r}.")


class UnsafeBindError(ApiError):
    """A server was asked to listen beyond this machine without API keys."""

    def __init__(self, host: str) -> None:
        self.host = host
        super().__init__(
            f"Refusing to listen on {host}: without API keys the service is open, so it serves 127.0.0.1 only. "
            "Set TERMROUTE_API_KEYS to a file of keys, or use --host 127.0.0.1."
        )


class PortTakenError(ApiError):
    """The port is in use by another program."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        self.host, self.port = host, port
        super().__init__(
            f"Cannot listen on {host}:{port}: {reason}. End the other program or give another --port."
        )


class UnauthorizedError(ApiError):
    """No API key, or an unknown one."""

    def __init__(self) -> None:
        super().__init__("An API key is needed: send `Authorization: Bearer KEY`.")


class ForbiddenError(ApiError):
    """The key's role does not allow this."""

    def __init__(self, user: str, role: str) -> None:
        self.user, self.role = user, role
        super().__init__(f"This needs the role {role!r}.")


class UnknownModelError(ApiError):
    """A client asked for a model that is not here."""

    def __init__(self, model: str, known: str) -> None:
        self.model = model
        super().__init__(f"The model {model!r} does not exist; the only one is {known!r}.")


class BadMessagesError(ApiError):
    """The messages of a chat completion hold no question."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"There is no question in `messages`: {reason}.")


class BadFeedbackError(ApiError):
    """Feedback names something that its answer or the glossary does not have."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The feedback cannot be taken: {reason}.")


class OutsideDataDirError(ApiError):
    """A path that is not in the data directory was named by someone who is no administrator."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(f"{key} names a path outside of the data directory, which needs the role 'admin'.")


class NoTermModelError(ApiError):
    """No terminology model is in use, or the one in use cannot be loaded."""

    def __init__(self, reason: str = "") -> None:
        self.reason = reason
        advice = (
            "Set TERMROUTE_TERM_MODEL to a base model, or promote an adapter (`termroute train promote ID`)."
        )
        super().__init__(reason or f"No terminology model is in use. {advice}")


class OtherBaseError(ApiError):
    """An adapter belongs to another base model than the one that the settings name."""

    def __init__(self, base: str, served: str) -> None:
        self.base, self.served = base, served
        super().__init__(
            f"The adapter was trained on {base}, but TERMROUTE_TERM_MODEL is {served}. Set it to {base}, or unset it, "
            "and promote again."
        )


class BadUploadError(ApiError):
    """An uploaded file cannot be taken."""

    def __init__(self, name: str, reason: str) -> None:
        self.name, self.reason = name, reason
        super().__init__(f"The file {name!r} {reason}.")
