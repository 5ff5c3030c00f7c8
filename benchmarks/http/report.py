"""Writes the figures as JSON and as a page to read."""

from __future__ import annotations

import json
import statistics
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.retrieval.report import machine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.http.client import Round

FOLDER = Path(__file__).resolve().parents[1] / "results"
_PACKAGES = ("fastapi", "starlette", "uvicorn", "pydantic")


def write(
    rounds: Mapping[str, Sequence[Round]],
    spent: Mapping[str, Sequence[float]],
    endings: Mapping[str, Mapping[str, int]],
    clients: int,
) -> None:
    """Write benchmarks/results/http.json and http.md."""
    where = machine()
    content = {
        "machine": where,
        "clients": clients,
        "endings": endings,
        "processor_ms": dict(spent),
        "rounds": {kind: [asdict(each) for each in found] for kind, found in rounds.items()},
    }
    (FOLDER / "http.json").write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    lines = ["# HTTP", "", "Made by `python -m benchmarks.http`.", ""]
    lines += [
        f"Machine: {where['processor']}, {where['cores']} cores, load {where['load_average']} at the end, Python {where['python']}, {versions}."
    ]
    lines += ["", _DATA.format(clients=clients, rounds=len(rounds["empty"])), "", *_table(rounds, spent), ""]
    lines += [
        f"Every {kind} question, asked once before: "
        + ", ".join(f"{n} × {name}" for name, n in ended.items())
        + "."
        for kind, ended in endings.items()
    ]
    (FOLDER / "http.md").write_text("\n".join(lines) + "\n", "utf-8")


def _table(rounds: Mapping[str, Sequence[Round]], spent: Mapping[str, Sequence[float]]) -> list[str]:
    lines = [
        "| endpoint | answers a second | share of empty | p50 ms | p99 ms | p99 over empty's | processor ms a request | failed |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for kind, found in rounds.items():
        pairs = list(zip(found, rounds["empty"], strict=True))
        cells = (
            _spread([each.per_second for each in found], 0),
            _spread([each.per_second / empty.per_second for each, empty in pairs], 2),
            _spread([each.p50_ms for each in found], 1),
            _spread([each.p99_ms for each in found], 1),
            _spread([each.p99_ms / empty.p99_ms for each, empty in pairs], 2),
            _spread(spent[kind], 2),
            str(sum(each.failed for each in found)),
        )
        lines.append(f"| {kind} | " + " | ".join(cells) + " |")
    return lines


def _spread(values: Sequence[float], places: int) -> str:
    return f"{statistics.median(values):.{places}f} ({min(values):.{places}f} to {max(values):.{places}f})"


_DATA = (
    "`termroute serve` over the sample pack, and an empty asynchronous FastAPI endpoint (`benchmarks/http/empty.py`) served the same way (uvicorn, one "
    "process), on 127.0.0.1; {clients} connections that are kept, one request at a time on each, from one client process on the same machine. "
    "{rounds} interleaved rounds: median (lowest to highest); ratios are of the same round. No question's answer is kept between requests."
)
