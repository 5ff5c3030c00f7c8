"""The errors of ingestion; each says which file, what is wrong, and what a person can do."""

from __future__ import annotations


class IngestError(Exception):
    """The root of all errors of this package."""


class PathMissingError(IngestError):
    """Paths given by the user do not exist."""

    def __init__(self, paths: tuple[str, ...]) -> None:
        self.paths = paths
        super().__init__(f"no such file or folder: {', '.join(paths)}")


class FileProblemError(IngestError):
    """A file that is not indexed; `reason` says why and what to do."""

    status = "failed"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class UnreadableError(FileProblemError):
    """The file is damaged, encrypted, or breaks a limit."""


class EncryptedError(UnreadableError):
    """The file needs a password."""

    def __init__(self) -> None:
        super().__init__("is encrypted: remove the password, save it and ingest it again")


class UnsupportedError(FileProblemError):
    """The file is of a kind that is not read, or has nothing to read."""

    status = "skipped"


def problem_of(error: Exception) -> FileProblemError:
    """Whatever a parser raised, in words that a person can act on."""
    if isinstance(error, FileProblemError):
        return error
    if isinstance(error, RecursionError):
        return UnreadableError("is nested too deeply: open it in the program that made it and save it again")
    if isinstance(error, OSError):
        return UnreadableError(
            f"cannot be read ({error.strerror or error}): check that it exists and may be opened"
        )
    return UnreadableError(
        f"is damaged ({type(error).__name__}: {str(error)[:200]}): open it in the program that made it and"
        " save it again, or export it as PDF"
    )


class WorkerError(UnreadableError):
    """The process that read the file took too long, needed too much memory, or died."""


class JobsUnavailableError(IngestError):
    """The jobs' database cannot be used; `url` has its password masked."""

    def __init__(self, url: str, reason: str) -> None:
        self.url, self.reason = url, reason
        super().__init__(f"The database {url} cannot be used for jobs: {reason}. Check TERMROUTE_DATABASE_URL.")
