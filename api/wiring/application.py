"""The whole program over one data directory: opened, warmed up, and closed in the right order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from api.auth import load_keyring
from api.errors import SettingProblem, SettingsError
from api.version import VERSION
from api.wiring.answers import Answers
from api.wiring.training import Training

if TYPE_CHECKING:
    from typing import Self

    from api.auth import Keyring
    from api.settings import Settings


class Application(Answers, Training):
    """Everything that there is; close it, or use it as a context manager."""

    def __init__(self, settings: Settings) -> None:
        """Bring the database's schema up to date and open nothing else yet.

        Raises SettingsError for a bad file of keys, DatabaseUnavailableError when the database cannot be opened.
        """
        from api.store import upgrade

        super().__init__(settings)
        self.version = VERSION
        self.keyring: Keyring = load_keyring(settings.api_keys)
        _check_term_model(settings)
        _make_folder(settings.data_dir)
        upgrade(settings.database)

    def __enter__(self) -> Self:
        """Return the application itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close what was opened."""
        self.close()

    def close(self) -> None:
        """Close what was opened, uploads first, since they still write."""
        for name in (
            "uploads",
            "unknown_terms",
            "resolver",
            "pipeline",
            "search",
            "facts",
            "store",
            "glossary",
            "conversations",
            "jobs",
            "fact_store",
            "training_store",
            "watch",
        ):
            opened = self.__dict__.pop(name, None)
            close = getattr(opened, "close", None)
            if close is not None:
                close()

    def warm_up(self) -> None:
        """Open everything that a question needs, so that the first one need not wait."""
        self.catch_up()
        _ = self.chat
        self.resolver.prepare()
        # Dictionaries, word lists and index readers load at their first use; let that be now.
        self.classifier.guess("准备好了吗")
        self.rehearse()
        if self._writer is not None:
            self._writer.warm_up()
        self.term_model.follow()
        # Trainings that were waiting, and uploads that were read, when the machine went down.
        self.training_jobs.tend()
        _ = self.uploads

    def drop_indexes(self) -> None:
        """Let go of the open indexes; they are opened again when they are next needed."""
        for name in ("unknown_terms", "resolver"):
            if name in self.__dict__:
                self.__dict__.pop(name).close()
        derived = (
            "search",
            "facts",
            "queried_tables",
            "rows",
            "_lanes",
            "answerer",
            "caching_answerer",
            "noted_answerer",
            "chat",
            "runnable",
            "feedback",
        )
        for name in derived:
            self.__dict__.pop(name, None)


def _make_folder(folder: Path) -> None:
    """Make the data directory. Raises SettingsError where that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = f"cannot be made: {error.strerror}; give a folder that can be written to"
        raise SettingsError([SettingProblem("TERMROUTE_DATA_DIR", str(folder), problem)]) from error


def _check_term_model(settings: Settings) -> None:
    """Raise SettingsError where the settings name a terminology model that cannot be there; loads nothing."""
    if not settings.term_model:
        if settings.term_adapter:
            problem = "an adapter needs its base model: set TERMROUTE_TERM_MODEL too"
            raise SettingsError([SettingProblem("TERMROUTE_TERM_ADAPTER", settings.term_adapter, problem)])
        return
    from terminology.errors import TermModelError
    from terminology.model import TerminologyModel

    adapter = Path(settings.term_adapter) if settings.term_adapter else None
    try:
        TerminologyModel(settings.term_model, adapter, settings.device).check()
    except TermModelError as error:
        key = "TERM_MODEL" if error.name == settings.term_model else "TERM_ADAPTER"
        raise SettingsError([SettingProblem(f"TERMROUTE_{key}", error.name, error.reason)]) from error
