"""What `make run` does: loads the sample pack, answers one question per route, then serves the API and the web chat."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
import urllib.request
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
QUESTIONS = ("AM代表什么职位？", "青槐农商行兴发支行的联行号是多少？", "在产品售后流程里，AM负责哪些事情？")
ROUTES = ("term", "fact", "analysis")
START_SECONDS = 180
TINY_BASE = HERE / "tiny-base"


def main() -> int:
    """Run the demonstration; the exit code is 0 when all three questions were answered by their routes."""
    arguments = _arguments()
    os.environ.setdefault("TERMROUTE_DATA_DIR", str(arguments.data_dir))
    use_tiny_base()
    load()
    if not ask():
        return 1
    return serve(arguments) if arguments.serve else 0


def use_tiny_base() -> None:
    """Let the demonstration model vote on senses, unless another terminology model is set or torch is not installed."""
    if find_spec("torch") is None or not (TINY_BASE / "model.safetensors").is_file():
        return
    if os.environ.setdefault("TERMROUTE_TERM_MODEL", str(TINY_BASE)) == str(TINY_BASE):
        _say(
            "\nTerminology model: examples/tiny-base, a demonstration model of 4 million parameters. It shows the road; "
            "its vote is small. Set TERMROUTE_TERM_MODEL for a real one."
        )


def load() -> None:
    """Import the sample glossary and ingest the sample documents; what is there already stays."""
    _say("\nLoading the sample knowledge pack: an invented printing-software company (examples/)")
    _command("terms", "import", str(HERE / "glossary" / "公司常用缩略语.xlsx"))
    _command("ingest", str(HERE / "knowledge"))


def ask() -> bool:
    """Ask one question per route and print the answers; tells whether each took its route and was answered."""
    from api.auth import OPERATOR
    from api.chat import Question
    from api.cli import readable
    from api.schemas import AnswerSchema
    from api.settings import load_settings
    from api.wiring import Application

    right = True
    with Application(load_settings()) as application:
        application.warm_up()
        for question, route in zip(QUESTIONS, ROUTES, strict=True):
            started = time.perf_counter()
            answer = application.chat.answer(Question(question), OPERATOR)
            milliseconds = (time.perf_counter() - started) * 1000
            _say(
                f"\n? {question}   [{answer.route.value}, {milliseconds:.1f} ms]\n{readable(AnswerSchema.of(answer))}"
            )
            right = right and answer.route.value == route and answer.status.value == "answered"
    return right


def serve(arguments: argparse.Namespace) -> int:
    """Run the chat API and the web chat, each in a process of its own, until Ctrl-C or until one of them ends."""
    api = _start("serve", arguments.host, arguments.port)
    page = _start("web", arguments.host, arguments.web_port)
    for wanted in (signal.SIGINT, signal.SIGTERM):
        # Set both: a shell starts background jobs with SIGINT ignored.
        signal.signal(wanted, _interrupt)
    code = 0
    try:
        _wait_for(f"http://{arguments.host}:{arguments.port}/healthz", api)
        _wait_for(f"http://{arguments.host}:{arguments.web_port}/", page)
        _say(
            f"\nChat API  http://{arguments.host}:{arguments.port}/docs"
            f"\nWeb chat  http://{arguments.host}:{arguments.web_port}/\nCtrl-C ends both."
        )
        while api.poll() is None and page.poll() is None:
            time.sleep(0.3)
        code = api.poll() or page.poll() or 0
    except KeyboardInterrupt:
        _say("\nStopping…")
    finally:
        for process in (api, page):
            _end(process)
    return code


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, default=Path("data/demo"))
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--web-port", type=int, default=7860)
    return parser.parse_args()


def _command(*words: str) -> None:
    done = subprocess.run([sys.executable, "-m", "api", *words], check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(done.returncode)


def _start(command: str, host: str, port: int) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C reaches this process alone, which then ends the servers in order.
    words = [sys.executable, "-m", "api", command, "--host", host, "--port", str(port)]
    return subprocess.Popen(words, start_new_session=True)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(process.returncode or 1)
        try:
            with opener.open(url, timeout=5):
                return
        except OSError:
            time.sleep(0.3)
    raise SystemExit(f"{url} did not answer within {START_SECONDS} s")


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
