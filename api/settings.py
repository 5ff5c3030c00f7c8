"""The program's settings: environment over `termroute.toml` over defaults, with every mistake reported at once."""

from __future__ import annotations

import difflib
import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from api.errors import SettingProblem, SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "TERMROUTE_"
FILE = "termroute.toml"
MASK = "********"
_SECRETS = {"llm_api_key"}
_SECRET_WORDS = ("key", "secret", "password", "passwd", "token", "credential")


class Settings(BaseModel):
    """Every setting, frozen. The descriptions are what `termroute config` and the errors show."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    data_dir: Path = Field(Path("data"), description="a folder; everything that is written lives here")
    database_url: str = Field(
        "", repr=False, description="sqlite:///PATH or postgresql+psycopg://USER:PASSWORD@HOST/NAME"
    )
    embedding_model: str = Field(
        "auto", min_length=1, description="auto, hashed, or a sentence-transformers name or path"
    )
    reranker_model: str | None = Field(None, description="a cross-encoder's name or path, or unset")
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="auto, cpu or cuda")
    llm_model: str | None = Field(None, description="a model name of the server at llm_base_url, or unset")
    llm_base_url: str | None = Field(
        None, description="http(s)://… of an OpenAI-compatible server, or dashscope"
    )
    llm_api_key: str | None = Field(None, description="the key of that server, or unset", repr=False)
    llm_timeout: float = Field(60.0, gt=0, le=3600, description="seconds for one answer, above 0, at most 3600")
    term_model: str | None = Field(
        None, description="base model of the terminology model, a name or path, or unset"
    )
    term_adapter: str | None = Field(None, description="folder of its LoRA adapter, or unset")
    api_keys: Path | None = Field(None, description="a file of API keys, or unset (then 127.0.0.1 only)")
    file_time_limit: float = Field(60.0, gt=0, le=3600, description="seconds for reading one file, above 0")
    answer_cache: int = Field(
        2000,
        ge=0,
        le=1_000_000,
        description="how many answers made by rules are kept to be given again; 0: none",
    )
    ocr: bool = Field(True, description="true or false: read scanned pages when the ocr extra is installed")

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:///", "postgresql")):
            raise ValueError("must begin with sqlite:/// or postgresql")
        return value

    @field_validator("llm_base_url")
    @classmethod
    def _known_server(cls, value: str | None) -> str | None:
        if value and value != "dashscope" and not value.startswith(("http://", "https://")):
            raise ValueError("must be dashscope or begin with http:// or https://")
        return value

    @property
    def database(self) -> str:
        """The database's URL: the one set, or a SQLite file in the data directory."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'termroute.db').resolve()}"

    def shown(self) -> dict[str, Any]:
        """Every setting by its environment name, secrets and passwords masked."""
        values = self.model_dump(mode="json")
        values["database_url"] = _without_password(self.database)
        for key in _SECRETS:
            values[key] = MASK if values[key] else values[key]
        return {PREFIX + key.upper(): value for key, value in values.items()}


def load_settings(environment: Mapping[str, str] | None = None, folder: Path | None = None) -> Settings:
    """Read the settings of this process, or of a given environment and folder.

    Raises SettingsError with every problem: unknown keys (with the nearest known one) and bad values.
    """
    environment = os.environ if environment is None else environment
    values, problems = _from_file((folder or Path.cwd()) / FILE)
    for name, value in environment.items():
        # An empty variable means unset, as in a compose file that passes everything through.
        if name.startswith(PREFIX) and value.strip():
            _take(name, name.removeprefix(PREFIX).lower(), value, (values, problems))
    try:
        settings = Settings(**{key: value for key, (_, value) in values.items()})
    except ValidationError as error:
        problems += [_problem(dict(detail), values) for detail in error.errors()]
        raise SettingsError(problems) from None
    if settings.llm_model and not settings.llm_base_url:
        # Without an address the client library would talk to a server that nobody named.
        missing = "needs its server: set TERMROUTE_LLM_BASE_URL to its address (ending in /v1) or to dashscope"
        problems.append(SettingProblem(values["llm_model"][0], settings.llm_model, missing))
    if problems:
        raise SettingsError(problems)
    return settings


_Values = dict[str, tuple[str, Any]]


def _from_file(path: Path) -> tuple[_Values, list[SettingProblem]]:
    values: _Values = {}
    problems: list[SettingProblem] = []
    if path.is_file():
        try:
            table = tomllib.loads(path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            return values, [SettingProblem(str(path), "", f"is not readable TOML: {error}")]
        for name, value in table.items():
            _take(f"{path.name}: {name}", name.lower().removeprefix(PREFIX.lower()), value, (values, problems))
    return values, problems


def _take(name: str, key: str, value: Any, into: tuple[_Values, list[SettingProblem]]) -> None:
    values, problems = into
    if key in Settings.model_fields:
        values[key] = (name, value)
        return
    near = difflib.get_close_matches(key, Settings.model_fields, n=1)
    hint = (
        f"did you mean {PREFIX}{near[0].upper()}?"
        if near
        else f"known: {', '.join(sorted(Settings.model_fields))}"
    )
    # A secret under a misspelt key is still a secret.
    problems.append(SettingProblem(name, _masked(" ".join([key, *near]), value), f"unknown key; {hint}"))


def _problem(detail: dict[str, Any], values: _Values) -> SettingProblem:
    key = str(detail["loc"][0])
    name, value = values.get(key, (PREFIX + key.upper(), ""))
    allowed = Settings.model_fields[key].description or ""
    return SettingProblem(
        name, _masked(key, value), f"{detail['msg'].removeprefix('Value error, ')}; allowed: {allowed}"
    )


def _masked(key: str, value: Any) -> str:
    if any(word in key for word in _SECRET_WORDS) or str(value).startswith("sk-"):
        return MASK
    # What stands inside a table or a list may be a secret too.
    return _without_password(str(value)) if isinstance(value, str | int | float) else "…"


def _without_password(url: str) -> str:
    head, at, tail = url.rpartition("@")
    scheme, slashes, user = head.partition("://")
    if not at or not slashes:
        return url
    name, colon, _ = user.partition(":")
    return f"{scheme}://{name}{':' + MASK if colon else ''}@{tail}"
