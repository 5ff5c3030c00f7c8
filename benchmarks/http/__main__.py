"""Measures answers through HTTP beside an empty endpoint: python -m benchmarks.http [--rounds 5]."""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from benchmarks.http import client
from benchmarks.http.questions import drawn, fact_questions, term_questions
from benchmarks.http.report import Measured, write
from examples.demo import HERE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

CLIENTS = 50
EMPTY_REQUESTS, REPEATED_REQUESTS = 4_000, 1_500
# Of the questions of a road: some to warm up, some that are asked again and again, the others are asked once each.
WARM_UP, REPEATED = 100, 300


def main() -> int:
    """Run the rounds and write benchmarks/results/http.{json,md}."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--requests", type=int, default=REPEATED_REQUESTS, help="repeated questions a round")
    chosen = arguments.parse_args()
    asked = {"term": term_questions(), "fact": fact_questions()}
    kinds = ["empty", *(f"{road}, {way}" for road in asked for way in ("repeated", "all different"))]
    rounds: dict[str, list[client.Round]] = {kind: [] for kind in kinds}
    spent: dict[str, list[float]] = {kind: [] for kind in kinds}
    again: dict[str, list[float]] = {kind: [] for kind in kinds}
    with tempfile.TemporaryDirectory() as name:
        environment = _environment(Path(name))
        _load(environment)
        with (
            _server(["-m", "benchmarks.http.empty", "{port}"], environment) as empty,
            _server(["-m", "api", "serve", "--port", "{port}"], environment) as ours,
        ):
            client.run(empty, [client.request()] * 300, CLIENTS)
            for questions in asked.values():
                client.run(ours, _requests(questions[:WARM_UP]), CLIENTS)
            for number in range(chosen.rounds):
                # Interleaved, so that what else the machine does falls on all of them.
                for kind, requests in _round(asked, number, chosen).items():
                    port = empty if kind == "empty" else ours
                    before, kept = _processor_ms(port), _from_cache(ours)
                    rounds[kind].append(client.run(port, requests, CLIENTS))
                    spent[kind].append((_processor_ms(port) - before) / len(requests))
                    again[kind].append((_from_cache(ours) - kept) / len(requests))
                    print(kind, rounds[kind][-1], flush=True)
            # Afterwards, since a question that was asked before is another load.
            endings = {
                road: _endings(ours, questions[: WARM_UP + REPEATED]) for road, questions in asked.items()
            }
    write(Measured(rounds, spent, again, endings, CLIENTS))
    return 0


def _round(
    asked: Mapping[str, Sequence[str]], number: int, chosen: argparse.Namespace
) -> dict[str, list[bytes]]:
    """The requests of one round."""
    loads = {"empty": [client.request()] * EMPTY_REQUESTS}
    for road, questions in asked.items():
        often, once = questions[WARM_UP : WARM_UP + REPEATED], questions[WARM_UP + REPEATED :]
        share = min(len(each) for each in asked.values()) - WARM_UP - REPEATED
        share //= chosen.rounds
        loads[f"{road}, repeated"] = _requests(drawn(often, chosen.requests, number))
        loads[f"{road}, all different"] = _requests(once[number * share : (number + 1) * share])
    return loads


def _requests(questions: Sequence[str]) -> list[bytes]:
    return [client.request(each) for each in questions]


_PROCESSES: dict[int, psutil.Process] = {}
_AGAIN = re.compile(r"^termroute_answers_from_cache_total (\S+)$", re.MULTILINE)


def _from_cache(port: int) -> float:
    """How many answers the server has given again so far."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as response:
        found = _AGAIN.search(response.read().decode())
    assert found is not None, "the server does not count answers from the cache"
    return float(found[1])


def _environment(folder: Path) -> dict[str, str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("TERMROUTE_")}
    return clean | {"TERMROUTE_DATA_DIR": str(folder), "TERMROUTE_EMBEDDING_MODEL": "hashed"}


def _load(environment: dict[str, str]) -> None:
    for words in (
        ["terms", "import", str(HERE / "glossary" / "公司常用缩略语.xlsx")],
        ["ingest", str(HERE / "knowledge")],
    ):
        subprocess.run(
            [sys.executable, "-m", "api", *words], env=environment, check=True, stdout=subprocess.DEVNULL
        )


@contextmanager
def _server(words: Sequence[str], environment: dict[str, str]) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen([sys.executable, *(word.format(port=port) for word in words)], env=environment)
    _PROCESSES[port] = psutil.Process(process.pid)
    try:
        _wait(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _processor_ms(port: int) -> float:
    """Milliseconds of processor that the server on `port` has used so far."""
    times = _PROCESSES[port].cpu_times()
    return float(times.user + times.system) * 1000


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1):
                return
        except OSError:
            if process.poll() is not None:
                raise
            time.sleep(0.25)
    raise TimeoutError("the server did not start in a minute")


def _endings(port: int, questions: Sequence[str]) -> dict[str, int]:
    """Ask each question once and count where it went, so that the figures are known to be of answers."""
    counted: Counter[str] = Counter()
    for question in questions:
        body = json.dumps({"question": question}).encode()
        asked = urllib.request.Request(
            f"http://127.0.0.1:{port}/chat", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(asked, timeout=30) as response:
            answer = json.load(response)
        counted[f"{answer['route']}, {answer['status']}"] += 1
    return dict(counted.most_common())


if __name__ == "__main__":
    sys.exit(main())
