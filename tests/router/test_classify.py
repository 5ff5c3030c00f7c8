"""The small classifier: trained in seconds, written as JSON, read without scikit-learn, bounded in what it may decide."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from router.classify import INTENTS, PACKAGED, Classifier, Guess, accepted, grams, masked
from router.errors import ClassifierError, UtterancesError
from router.training import PACKAGED_UTTERANCES, read_utterances, train


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier.load(PACKAGED)


@pytest.mark.parametrize(
    ("question", "intent"),
    [
        ("讲讲这台机器的保养流程", "explanation"),
        ("库里有没有讲消防的手册", "catalogue"),
        ("嗨，早呀", "talk"),
        ("仓库的钥匙由谁保管，电话多少", "value"),
        ("what are the rules for overtime", "explanation"),
    ],
)
def test_wordings_that_are_in_no_utterance(classifier: Classifier, question: str, intent: str) -> None:
    assert classifier.guess(question).intent == intent


def test_a_term_is_masked(classifier: Classifier) -> None:
    assert masked("AM和TAC", [(0, 2), (3, 6)]) == "□和□"
    assert classifier.guess("AM到底什么意思", [(0, 2)]).intent == "definition"


def test_probabilities_sum_to_one(classifier: Classifier) -> None:
    for text in ("", "□", "多少钱", "\ud800"[:0] + "😀 ~~", "how " * 500):
        found = classifier.probabilities(text)
        assert set(found) == set(INTENTS)
        assert sum(found.values()) == pytest.approx(1.0)


def test_serving_loads_neither_scikit_learn_nor_pickle() -> None:
    code = (
        "import sys; from router.classify import Classifier, PACKAGED; Classifier.load(PACKAGED).guess('多少钱');"
        "sys.exit('sklearn' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_the_packaged_weights_come_from_the_packaged_utterances(tmp_path: Path) -> None:
    trained = train(read_utterances(PACKAGED_UTTERANCES))
    assert trained.accuracy >= 0.65
    assert trained.calibration_error <= 0.1
    trained.classifier.save(tmp_path / "again.json")
    made, packaged = (json.loads(path.read_text("utf-8")) for path in (tmp_path / "again.json", PACKAGED))
    assert list(made["features"]) == list(packaged["features"])
    for gram, row in packaged["features"].items():
        assert made["features"][gram] == pytest.approx(row, abs=0.02)


def test_small_talk_is_short_and_a_definition_needs_a_term() -> None:
    assert accepted(Guess("talk", 0.95), "嗨", 0)
    assert not accepted(Guess("talk", 0.95), "嗨" * 40, 0)
    assert not accepted(Guess("talk", 0.95), "AM", 1)
    assert not accepted(Guess("definition", 0.99), "这是什么", 0)
    assert not accepted(Guess("value", 0.4), "多少", 0)


def test_every_bad_utterance_is_named(tmp_path: Path) -> None:
    path = tmp_path / "utterances.tsv"
    path.write_text("# comment\nvalue\t多少钱\nfact\t几天\ntalk\t\n", "utf-8")
    with pytest.raises(UtterancesError) as caught:
        read_utterances(path)
    text = str(caught.value)
    assert "line 3" in text
    assert "line 4" in text
    assert "catalogue: 0 utterances" in text
    with pytest.raises(UtterancesError, match="cannot be read"):
        read_utterances(tmp_path / "missing.tsv")


@pytest.mark.parametrize(
    "text", ["", "{}", '{"intents": ["a"]}', '{"intents": %s, "features": {"a": [1]}, "bias": []}']
)
def test_a_broken_file_of_weights_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "classifier.json"
    path.write_text(text.replace("%s", json.dumps(INTENTS)), "utf-8")
    with pytest.raises(ClassifierError, match="termroute router train"):
        Classifier.load(path)


def test_grams_are_characters_and_words() -> None:
    assert "how much" in grams("How much is 12?")
    assert "多 少" in grams("多少")
    assert "0" in grams("12345")


@pytest.mark.parametrize(
    ("guess", "talk"),
    [(Guess("talk", 0.9, 0.8), True), (Guess("talk", 0.9, 0.4), False), (Guess("talk", 0.97, 0.4), True), (Guess("talk", 0.99, 0.1), False)],
)  # fmt: skip
def test_small_talk_is_said_in_words_of_small_talk(guess: Guess, talk: bool) -> None:
    assert accepted(guess, "谢谢你呀", 0) is talk
