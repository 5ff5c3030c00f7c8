"""Fits the judgement whether passages answer (router/support.json) on labelled questions, and shows how it does on unseen groups.

Answerable: questions with an answer. Not answerable: those labelled so, and answerable ones whose documents are hidden from
the search, which leaves what comes next. Questions that the glossary, small talk or the catalogue answers take no part.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from router import grounding
from router.statement import asked_kind, stated
from router.support import other_names, support_of
from router.types import Query

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from api.wiring import Application
    from retrieval.types import Passage

_ASIDE = frozenset(
    {"catalogue", "small-talk", "definition", "sense", "ambiguous", "reverse", "follow-up", "topic-change"}
)
_DEEP, _SHOWN, _QUOTED, _FOLDS, _SEED = 40, 10, 6, 5, 7
# A question whose documents are hidden may have its answer elsewhere, so it counts less; one that a person wrote to have
# no answer is rare and sure, so it counts more; questions on public texts, thousands, less.
_WEIGHTS = {"answered": 1.0, "hidden": 0.4, "refused": 2.5, "public": 0.4}


@dataclass(frozen=True, slots=True)
class Example:
    """One question over one set of passages: its features, and whether they answer it."""

    source: str
    group: str
    question: str
    answered: bool
    kind: str
    features: Mapping[str, float]
    named_missing: bool


def company(source: str, application: Application, rows: Iterable[Mapping[str, Any]]) -> Iterator[Example]:
    """Yield the examples of one company's labelled questions (rows of JSON)."""
    for row in rows:
        if (
            row.get("history")
            or row.get("kind") in _ASIDE
            or row["route"] == "term"
            or row["status"] == "clarify"
        ):
            continue
        group = f"{source} {row.get('group') or row['id']}"
        seen = _found(application, row["question"], row.get("department"))
        if seen is None:
            continue
        query, passages = seen
        answered = row["status"] == "answered"
        yield _example(source, group, query, passages[:_SHOWN], "answered" if answered else "refused")
        documents = set((row.get("expect") or {}).get("documents") or ())
        if answered and documents:
            left = [passage for passage in passages if passage.document.name not in documents]
            yield _example(source, group, query, left[:_SHOWN], "hidden")


def public(
    source: str, application: Application, asked: Iterable[tuple[str, Collection[str]]], kind: str = "both"
) -> Iterator[Example]:
    """Yield the examples of public questions, each with the texts that answer it; `kind` answered, hidden or both."""
    for number, (question, texts) in enumerate(asked):
        seen = _found(application, question, None)
        if seen is None:
            continue
        query, passages = seen
        if kind != "hidden":
            yield _example(source, f"{source} {number}", query, passages[:_SHOWN], "answered")
        if kind != "answered":
            left = [passage for passage in passages if passage.chunk.text not in texts]
            yield _example(source, f"{source} {number}", query, left[:_SHOWN], "hidden")


def fit(examples: Sequence[Example]) -> dict[str, Any]:
    """Return the weights as `router/support.json` holds them."""
    names = list(examples[0].features)
    model = _fitted(examples, names)
    scale, regression = model.named_steps["standardscaler"], model.named_steps["logisticregression"]
    weights = regression.coef_[0] / scale.scale_
    bias = float(regression.intercept_[0] - (weights * scale.mean_).sum())
    return {
        "bias": round(bias, 4),
        "weights": {n: round(float(w), 4) for n, w in zip(names, weights, strict=True)},
    }


def cross_validated(examples: Sequence[Example]) -> NDArray[np.float64]:
    """Return the probability of every example by a model that saw no question of its group."""
    import numpy as np
    from sklearn.model_selection import GroupKFold

    names = list(examples[0].features)
    found = np.zeros(len(examples))
    folds = GroupKFold(_FOLDS, shuffle=True, random_state=_SEED)
    for train, test in folds.split(examples, groups=[example.group for example in examples]):
        model = _fitted([examples[at] for at in train], names)
        found[test] = model.predict_proba(_matrix([examples[at] for at in test], names))[:, 1]
    return found


def shown(examples: Sequence[Example], probabilities: NDArray[np.float64], minimum: float) -> list[str]:
    """Return, for each source, how many are refused at `minimum`, as lines to print."""
    lines = ["source · answerable refused · unanswerable refused · hidden refused · area under the curve"]
    for source in dict.fromkeys(example.source for example in examples):
        mine = [(e, p) for e, p in zip(examples, probabilities, strict=True) if e.source == source]
        shares = [_refused(mine, kind, minimum) for kind in ("answered", "refused", "hidden")]
        lines.append(" · ".join([source, *shares, _area(mine)]))
    return lines


def write(path: Path, model: Mapping[str, Any]) -> None:
    """Write the weights."""
    path.write_text(json.dumps(model, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _found(application: Application, question: str, department: str | None) -> tuple[Any, list[Passage]] | None:
    """The question as the program understands it and a deep ranking, or None where the evidence is not asked."""
    from retrieval.facts.lexicon import translated
    from router.questions import read_question

    resolution = application.resolve(question, department)
    form = read_question(question, [(t.match.start, t.match.end) for t in resolution.terms])
    if form.definition or form.small_talk or form.catalogue:
        return None
    expansions = (*resolution.search_terms, *translated(question))
    passages = application.search.search(question, top_k=_DEEP, expansions=expansions)
    return (Query(question), resolution, form, application.search.rarities), list(passages)


def _example(source: str, group: str, seen: Any, passages: Sequence[Passage], kind: str) -> Example:
    query, resolution, form, rarity = seen
    asked = None if form.explanation else asked_kind(query.question)
    units = grounding.content_units(query.question, resolution.terms)
    near = stated(query.question, asked, units, passages[:_QUOTED]) if asked else None
    support = support_of(query.question, other_names(resolution), passages, rarity=rarity, stated=near)
    return Example(
        source, group, query.question, kind == "answered", kind, support.features, bool(support.names)
    )


def _fitted(examples: Sequence[Example], names: Sequence[str]) -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=3000))
    weights = [
        _WEIGHTS[e.kind] * (_WEIGHTS["public"] if e.source.startswith("public") else 1) for e in examples
    ]
    answers = [e.answered for e in examples]
    return model.fit(_matrix(examples, names), answers, logisticregression__sample_weight=weights)


def _matrix(examples: Sequence[Example], names: Sequence[str]) -> NDArray[np.float64]:
    import numpy as np

    return np.array([[example.features[name] for name in names] for example in examples])


def _refused(mine: Sequence[tuple[Example, float]], kind: str, minimum: float) -> str:
    of_kind = [e.named_missing or p < minimum for e, p in mine if e.kind == kind]
    return f"{sum(of_kind)} of {len(of_kind)}"


def _area(mine: Sequence[tuple[Example, float]]) -> str:
    from sklearn.metrics import roc_auc_score

    answers = [e.answered for e, _ in mine]
    return f"{roc_auc_score(answers, [p for _, p in mine]):.3f}" if len(set(answers)) > 1 else "-"
