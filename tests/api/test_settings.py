"""Settings: environment over file over defaults; every mistake at once; no secret shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.errors import SettingsError
from api.settings import MASK, load_settings


def test_defaults_need_nothing(tmp_path: Path) -> None:
    settings = load_settings({}, tmp_path)
    assert settings.embedding_model == "auto"
    assert settings.llm_model is None
    assert settings.database.startswith("sqlite:///")


def test_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "termroute.toml").write_text('embedding_model = "hashed"\ndevice = "cpu"\n', "utf-8")
    settings = load_settings({"TERMROUTE_EMBEDDING_MODEL": "BAAI/bge-m3"}, tmp_path)
    assert settings.embedding_model == "BAAI/bge-m3"
    assert settings.device == "cpu"


def test_all_mistakes_are_listed_with_key_value_and_what_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "termroute.toml").write_text('colour = "red"\n', "utf-8")
    environment = {"TERMROUTE_DEVCE": "cpu", "TERMROUTE_DEVICE": "tpu", "TERMROUTE_LLM_TIMEOUT": "-1"}
    with pytest.raises(SettingsError) as caught:
        load_settings(environment, tmp_path)
    text = str(caught.value)
    assert len(caught.value.problems) == 4
    assert "did you mean TERMROUTE_DEVICE?" in text
    assert "'tpu'" in text
    assert "auto, cpu or cuda" in text
    assert "termroute.toml: colour" in text
    assert "TERMROUTE_LLM_TIMEOUT" in text


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    (tmp_path / "termroute.toml").write_text("device = ", "utf-8")
    with pytest.raises(SettingsError, match=r"termroute\.toml"):
        load_settings({}, tmp_path)


def test_an_empty_variable_is_unset(tmp_path: Path) -> None:
    assert load_settings({"TERMROUTE_LLM_MODEL": ""}, tmp_path).llm_model is None


def test_no_secret_is_shown(tmp_path: Path) -> None:
    environment = {
        "TERMROUTE_LLM_API_KEY": "sk-very-secret",
        "TERMROUTE_DATABASE_URL": "postgresql+psycopg://user:hunter2@db/x",
    }
    settings = load_settings(environment, tmp_path)
    shown = f"{settings.shown()} {settings!r}"
    assert "sk-very-secret" not in shown
    assert "hunter2" not in shown
    assert settings.shown()["TERMROUTE_LLM_API_KEY"] == MASK


def test_no_secret_is_in_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(
            {"TERMROUTE_LLM_API_KEYS": "sk-oops", "TERMROUTE_DATABASE_URL": "mysql://u:pw1@h/x"}, tmp_path
        )
    assert "sk-oops" not in str(caught.value)
    assert "pw1" not in str(caught.value)


@pytest.mark.parametrize(
    ("environment", "file"),
    [
        ({"TERMROUTE_LLM_API_KY": "hush-hush"}, ""),
        ({"TERMROUTE_MODEL": "sk-hush-hush"}, ""),
        ({}, '[llm]\napi_key = "hush-hush"\n'),
        ({}, 'device = ["hush-hush"]\n'),
    ],
)
def test_no_secret_under_a_wrong_key_is_in_an_error(
    tmp_path: Path, environment: dict[str, str], file: str
) -> None:
    (tmp_path / "termroute.toml").write_text(file, "utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings(environment, tmp_path)
    assert "hush" not in str(caught.value)


def test_a_language_model_needs_its_server(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({"TERMROUTE_LLM_MODEL": "qwen", "TERMROUTE_DEVCE": "cpu"}, tmp_path)
    assert "TERMROUTE_LLM_MODEL = 'qwen'" in str(caught.value)
    assert "TERMROUTE_LLM_BASE_URL" in str(caught.value)
    assert len(caught.value.problems) == 2
    assert load_settings(
        {"TERMROUTE_LLM_MODEL": "q", "TERMROUTE_LLM_BASE_URL": "dashscope"}, tmp_path
    ).llm_model
