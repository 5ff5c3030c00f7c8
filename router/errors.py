"""What can go wrong while a question is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class RouterError(Exception):
    """Base of the router's errors."""


class EmptyQuestionError(RouterError):
    """The question has no characters in it."""

    def __init__(self) -> None:
        super().__init__("The question is empty: send at least one character in `question`.")


class QuestionTooLongError(RouterError):
    """The question is longer than the router reads."""

    def __init__(self, length: int, limit: int) -> None:
        self.length = length
        self.limit = limit
        super().__init__(f"The question has {length} characters; at most {limit} are read. Shorten it.")


class ModelUnavailableError(RouterError):
    """The language model did not answer in time, cut the connection, or returned an error."""

    def __init__(self, model: str, reason: str) -> None:
        self.model = model
        self.reason = reason
        super().__init__(f"The language model {model!r} did not answer: {reason}")


class ConversationsUnavailableError(RouterError):
    """The conversations' database cannot be used; `url` has its password masked."""

    def __init__(self, url: str, reason: str) -> None:
        self.url, self.reason = url, reason
        super().__init__(
            f"The database {url} cannot be used for conversations: {reason}. Check TERMROUTE_DATABASE_URL."
        )


class LabelsError(RouterError):
    """A file of labelled questions cannot be used; `problems` lists every bad line."""

    def __init__(self, path: str, problems: Sequence[str]) -> None:
        self.path, self.problems = path, tuple(problems)
        super().__init__(f"The labelled questions {path} cannot be used: " + "; ".join(self.problems))


class RunFileError(RouterError):
    """The report of another evaluation run cannot be compared with."""

    def __init__(self, path: str, problem: str) -> None:
        self.path, self.problem = path, problem
        super().__init__(f"The run {path} cannot be compared with: it {problem}.")


class BaselineError(RouterError):
    """A baseline of evaluation figures cannot be used; `problems` lists every bad entry."""

    def __init__(self, path: str, problems: Sequence[str]) -> None:
        self.path, self.problems = path, tuple(problems)
        super().__init__(f"The baseline {path} cannot be used: " + "; ".join(self.problems))


class UtterancesError(RouterError):
    """A file of labelled utterances cannot be used; `problems` lists every bad line."""

    def __init__(self, path: str, problems: Sequence[str]) -> None:
        self.path, self.problems = path, tuple(problems)
        super().__init__(f"The utterances {path} cannot be used: " + "; ".join(self.problems))


class ClassifierError(RouterError):
    """A file of classifier weights cannot be used; training writes it anew."""

    def __init__(self, path: str, problem: str) -> None:
        self.path, self.problem = path, problem
        super().__init__(f"The classifier {path} cannot be used: {problem}. Run `termroute router train`.")


class TrainerMissingError(RouterError):
    """The classifier cannot be trained here, since scikit-learn is not installed; the trained one still works."""

    def __init__(self) -> None:
        super().__init__("Training the router needs scikit-learn: pip install scikit-learn")
