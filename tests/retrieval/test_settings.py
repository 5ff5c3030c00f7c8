"""The settings of retrieval."""

from __future__ import annotations

from retrieval.settings import RetrievalSettings, read_settings


def test_nothing_set_gives_the_defaults() -> None:
    assert read_settings({}) == (RetrievalSettings(), [])


def test_values_are_taken() -> None:
    values = {
        "TERMROUTE_EMBEDDING_MODEL": "BAAI/bge-large-zh-v1.5",
        "TERMROUTE_RERANKER_MODEL": "BAAI/bge-reranker-base",
        "TERMROUTE_DEVICE": "cuda",
    }
    settings, errors = read_settings(values)
    assert errors == []
    assert settings == RetrievalSettings("BAAI/bge-large-zh-v1.5", "BAAI/bge-reranker-base", "cuda")


def test_a_wrong_device_names_key_value_and_what_is_allowed() -> None:
    _, errors = read_settings({"TERMROUTE_DEVICE": "tpu"})
    assert str(errors[0]) == "TERMROUTE_DEVICE is 'tpu'; allowed: auto, cpu, cuda"
