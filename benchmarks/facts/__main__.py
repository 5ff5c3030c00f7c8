"""Runs the benchmark of exact facts: `python -m benchmarks.facts [--rows 150000] [--each 100]`."""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import resource
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.facts.branches import World, invent, table
from benchmarks.facts.everyday import everyday_questions, everyday_tables
from benchmarks.facts.hospitals import invent_second, second_questions, second_tables
from benchmarks.facts.loading import grid, load
from benchmarks.facts.questions import Asked, questions
from benchmarks.facts.real import real_questions
from benchmarks.machine import described, machine

if TYPE_CHECKING:
    from retrieval.facts.lookup import FactLookup
    from retrieval.facts.types import FactResult

_REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "codes"
_RESULTS = Path(__file__).resolve().parents[1] / "results"


def main() -> None:
    """Loads, asks, compares with rapidfuzz, and writes the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=150_000)
    parser.add_argument("--each", type=int, default=100, help="questions of each kind")
    parser.add_argument("--no-rapidfuzz", action="store_true")
    parser.add_argument("--verbose", action="store_true", help="print every answer that is not right")
    parser.add_argument("--seed", type=int, default=20261122)
    options = parser.parse_args()
    world = invent(options.rows, options.seed)
    report: dict[str, Any] = {"machine": machine(), "rows": len(world.rows)}
    with tempfile.TemporaryDirectory() as folder:
        before = _resident()
        started, busy = time.perf_counter(), time.process_time()
        lookup = load(Path(folder), _files(world))
        report["load_seconds"] = round(time.perf_counter() - started, 1)
        report["load_processor_seconds"] = round(time.process_time() - busy, 1)
        # What loading and answering add to the process that already holds the invented world.
        asked = [*questions(world, options.each, options.seed), *everyday_questions(), *real_questions(_REAL)]
        report["kinds"], times, processor = _ask(lookup, asked, verbose=options.verbose)
        report["peak_memory_mb"] = round(_peak(), 0)
        report["memory_added_mb"] = round(_peak() - before, 0)
        report["latency_ms"] = _latency(times)
        # Other programs on the machine lengthen the wall time, not this.
        report["processor_ms"] = _latency(processor)["all"]
        report["load_average"] = round(os.getloadavg()[0], 1)
        if not options.no_rapidfuzz:
            report["rapidfuzz"] = _rapidfuzz(lookup, world, asked)
    report["second"] = _second(options.each, verbose=options.verbose)
    report["wrong_codes"] = sum(kind["wrong code"] for kind in report["kinds"].values())
    report["questions"] = len(asked)
    _write(report)


def _second(each: int, *, verbose: bool) -> dict[str, Counter[str]]:
    """The second set, of another shape and in a database of its own, by kind."""
    second = invent_second()
    with tempfile.TemporaryDirectory() as folder:
        lookup = load(Path(folder), second_tables(second))
        return _ask(lookup, second_questions(second, each), verbose=verbose)[0]


def _files(world: World) -> list[tuple[str, list[Any]]]:
    files: list[tuple[str, list[Any]]] = [("branches.csv", [grid("branches", table(world))])]
    if (_REAL / "cnaps_sample.csv").exists():
        with (_REAL / "cnaps_sample.csv").open(encoding="utf-8-sig", newline="") as file:
            files.append(("cnaps_sample.csv", [grid("cnaps_sample", list(csv.reader(file)))]))
    else:
        print("../shared/data/codes is not here: the real rows are left out")
    return files + everyday_tables()


def _ask(
    lookup: FactLookup, asked: list[Asked], *, verbose: bool
) -> tuple[dict[str, Counter[str]], dict[str, list[float]], dict[str, list[float]]]:
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    times: dict[str, list[float]] = defaultdict(list)
    processor: dict[str, list[float]] = defaultdict(list)
    lookup.query("热身")
    order = list(asked)
    random.Random(1).shuffle(order)
    for each in order:
        started, busy = time.perf_counter(), time.process_time()
        result = lookup.query(each.question)
        times[each.kind].append((time.perf_counter() - started) * 1000)
        processor[each.kind].append((time.process_time() - busy) * 1000)
        verdict = judge(each, result)
        kinds[each.kind][verdict] += 1
        kinds[each.kind]["wrong code"] += verdict == "wrong" and bool(result.facts)
        if verbose and verdict != "right":
            shown = (
                [f.value for f in result.facts[:2]],
                [c.name for c in result.candidates[:2]],
                result.computed,
            )
            print(
                verdict, each.kind, "|", each.question, "|", each.name, each.value, "|", result.status, *shown
            )
    return kinds, times, processor


def judge(asked: Asked, result: FactResult) -> str:
    """right, wrong (a value that is not the right one), refused, or asked back."""
    values = {fact.value for fact in result.facts} if result.status in {"found", "several"} else set()
    shown = {result.computed} if result.computed else values
    if asked.expected == "value":
        if result.status == "found" and (
            asked.value in shown if asked.kind in LISTS else shown == {asked.value}
        ):
            return "right"
        if shown and result.status == "found":
            return "wrong"
        return "asked back" if result.status == "several" else "refused"
    if shown and result.status == "found":
        return "wrong"
    if asked.expected == "asked_back":
        return "right" if result.status == "several" else "refused"
    return "right" if not shown else "asked back"


LISTS = frozenset({"everyday, list", "everyday, extreme"})


def _latency(times: dict[str, list[float]]) -> dict[str, Any]:
    every = [each for kind in times.values() for each in kind]

    def figures(values: list[float]) -> dict[str, float]:
        ordered = sorted(values)
        return {
            "median": round(statistics.median(ordered), 2),
            "p95": round(ordered[int(len(ordered) * 0.95) - 1], 2),
            "max": round(ordered[-1], 2),
        }

    return {"all": figures(every), **{kind: figures(values) for kind, values in times.items()}}


def _rapidfuzz(lookup: FactLookup, world: World, asked: list[Asked]) -> dict[str, Any]:
    """rapidfuzz's extractOne over all names, and our first hit, on the same shortened names."""
    from rapidfuzz import fuzz, process

    names = [b.name for b in world.rows]
    codes = {b.name: b.code for b in world.rows}
    bare = [(_bare(a), a) for a in asked if a.kind in {"shortened", "reordered"} and a.expected == "value"]
    found: dict[str, Any] = {}
    for label, scorer, count in (("ratio", fuzz.ratio, 60), ("WRatio", fuzz.WRatio, 20)):
        taken: list[float] = []
        right = 0
        for name, each in bare[:count]:
            started = time.perf_counter()
            best = process.extractOne(name, names, scorer=scorer)
            taken.append((time.perf_counter() - started) * 1000)
            right += best is not None and codes[best[0]] == each.value
        ours_taken: list[float] = []
        ours = 0
        for name, each in bare[:count]:
            started = time.perf_counter()
            result = lookup.query(name)
            ours_taken.append((time.perf_counter() - started) * 1000)
            ours += any(f.value == each.value for f in result.facts[:1])
        found[label] = {
            "questions": len(taken), "first_hit": round(right / len(taken), 3), "ours_first_hit": round(ours / len(taken), 3),
            "median_ms": round(statistics.median(taken), 1), "ours_median_ms": round(statistics.median(ours_taken), 2),
            "times_faster": round(statistics.median(taken) / statistics.median(ours_taken), 1),
        }  # fmt: skip
    return found


def _bare(asked: Asked) -> str:
    """The name alone, as rapidfuzz has to be given it."""
    text = asked.question
    for word in (
        "的联行号是多少？",
        "的联行号",
        "联行号：",
        "联行号",
        "请问",
        "的行号是什么",
        "帮我查一下",
        "的银行代码",
        "的支付行号是多少啊",
        "查询",
        "，谢谢",
        "What is the bank code of ",
        "?",
    ):
        text = text.replace(word, "")
    return text


def _resident() -> float:
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _write(report: dict[str, Any]) -> None:
    _RESULTS.mkdir(exist_ok=True)
    (_RESULTS / "facts.json").write_text(
        json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )
    lines = [
        "# Exact facts", "",
        f"{report['rows']:,} invented branches beside the 419 real ones and everyday tables; {report['questions']:,} questions. "
        f"{described(report['machine'], 'beginning')}", "",
        f"Loading {report['load_seconds']} s ({report['load_processor_seconds']} s of processor time) · memory added "
        f"{report['memory_added_mb']:.0f} MB, peak {report['peak_memory_mb']:.0f} MB with the benchmark's own data · latency "
        f"median {report['latency_ms']['all']['median']} ms, 95th percentile {report['latency_ms']['all']['p95']} ms "
        f"(processor time {report['processor_ms']['median']} and {report['processor_ms']['p95']} ms; load average "
        f"{report['load_average']} when asked) · "
        f"wrong codes given: {report['wrong_codes']}.", "",
        "| kind | questions | right | wrong | refused | asked back | median ms | p95 ms |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]  # fmt: skip
    for kind, counts in report["kinds"].items():
        total = sum(counts[v] for v in ("right", "wrong", "refused", "asked back"))
        speed = report["latency_ms"][kind]
        lines.append(
            f"| {kind} | {total} | {counts['right'] / total:.1%} | {counts['wrong']} | {counts['refused']} | "
            f"{counts['asked back']} | {speed['median']} | {speed['p95']} |"
        )
    lines += ["", "A second set, from another generator (about 5,000 hospital departments and 400 parts):", "",
              "| kind | questions | right | wrong | refused | asked back |", "| --- | ---: | ---: | ---: | ---: | ---: |"]  # fmt: skip
    for kind, counts in report["second"].items():
        total = sum(counts[v] for v in ("right", "wrong", "refused", "asked back"))
        lines.append(
            f"| {kind} | {total} | {counts['right'] / total:.1%} | {counts['wrong']} | {counts['refused']} | {counts['asked back']} |"
        )
    for label, figures in report.get("rapidfuzz", {}).items():
        lines += ["", f"rapidfuzz {label}, {figures['questions']} shortened or reordered names: first hit {figures['first_hit']}, "
                  f"ours {figures['ours_first_hit']}; median {figures['median_ms']} ms, ours {figures['ours_median_ms']} ms: "
                  f"{figures['times_faster']} times faster."]  # fmt: skip
    text = "\n".join(lines) + "\n"
    (_RESULTS / "facts.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
