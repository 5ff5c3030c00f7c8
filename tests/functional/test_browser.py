"""The web chat in a real browser: a question is asked and seen answered, and nothing leaves this machine."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest

from tests.api.test_web import chat_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.functional,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no browser: {CHROMIUM} is missing"),
]
pytest.importorskip("playwright.sync_api", reason="playwright is not installed")


@pytest.fixture(scope="module")
def chat_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the web chat is; swap this fixture to drive another program."""
    with chat_page(tmp_path_factory.mktemp("web")) as (url, program):
        yield url
        program.send_signal(signal.SIGTERM)
        assert program.wait(60) == 0


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go: $TERMROUTE_TEST_ARTIFACTS, or a temporary folder."""
    folder = os.environ.get("TERMROUTE_TEST_ARTIFACTS")
    path = Path(folder) if folder else tmp_path_factory.mktemp("pictures")
    path.mkdir(parents=True, exist_ok=True)
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def page(chat_url: str, browser: Browser) -> Iterator[Page]:
    """The page with a fresh profile; fails if anything was asked of another machine."""
    asked: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 860}, locale="zh-CN")
    opened = context.new_page()
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(chat_url)
    opened.locator("#entry textarea").wait_for(timeout=30_000)
    yield opened
    context.close()
    hosts = {urlsplit(url).hostname for url in asked if urlsplit(url).scheme in {"http", "https", "ws", "wss"}}
    assert hosts == {"127.0.0.1"}


def ask(page: Page, question: str) -> None:
    box = page.locator("#entry textarea")
    box.fill(question)
    box.press("Enter")


def wait_until_served(url: str, program: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert program.poll() is None, "the program ended before it served"
        try:
            if httpx.get(url, trust_env=False, timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.3)
    raise AssertionError(f"{url} was not served in time")


def last_answer(page: Page) -> str:
    answer = page.locator(".tr-answer:has(.tr-why)").last
    answer.wait_for(timeout=15_000)
    return answer.inner_text()


def test_a_question_is_answered_with_road_and_source(page: Page, pictures: Path) -> None:
    ask(page, "在产品售后流程里，AM负责哪些事情？")
    text = last_answer(page)
    assert "文档分析" in text
    assert "客户经理，Account Manager" in text
    page.get_by_text("依据（2）").click()
    source = page.locator(".tr-source").first
    assert re.sub(r"\s+", " ", source.inner_text()).startswith("[1] 售后流程.docx")
    assert "第 3 页" in source.inner_text()
    page.screenshot(path=pictures / "analysis.png")
    assert (pictures / "analysis.png").stat().st_size > 20_000


def test_documents_run_nothing_and_load_nothing(page: Page) -> None:
    ask(page, "AM负责哪些事情？")
    assert "<script>window.hacked=1</script>" in last_answer(page)
    page.get_by_text("依据（2）").click()
    assert page.evaluate("window.hacked") is None
    assert page.locator(".tr-answer img, .tr-answer script, .tr-answer a").count() == 0


def test_suggestions_ask_by_a_click_and_a_follow_up_knows_them(page: Page, pictures: Path) -> None:
    page.get_by_role("button", name="ESS培训每月几次？").click()
    text = last_answer(page)
    assert "精确查询" in text
    assert "3次" in text
    page.locator("#entry textarea:enabled").wait_for()
    ask(page, "历史里有什么？")
    page.get_by_text("此前的问题：ESS培训每月几次？").wait_for(timeout=15_000)
    page.screenshot(path=pictures / "fact.png")


def test_clarification_refusal_and_failure_are_readable(page: Page, pictures: Path) -> None:
    for question, says in (
        ("AM有多个含义吗", "客户经理（AM）是谁？"),
        ("没有的分行", "最接近的段落"),
        ("出错吧", "出了错"),
    ):
        page.locator("#entry textarea:enabled").wait_for()
        ask(page, question)
        page.locator(".tr-answer", has_text=says).last.wait_for(timeout=15_000)
    assert "secret detail" not in page.content()
    page.screenshot(path=pictures / "clarify_refuse_fail.png")


@pytest.mark.parametrize("how", ["click", "press"])
def test_a_reading_on_offer_is_asked_by_a_click_or_by_enter(page: Page, how: str) -> None:
    ask(page, "AM有多个含义吗")
    choice = page.locator(".tr-choice", has_text="调幅").last
    choice.wait_for(timeout=15_000)
    page.locator("#entry textarea:enabled").wait_for()
    choice.click() if how == "click" else choice.press("Enter")
    page.locator(".tr-question", has_text="调幅（AM）是什么？").wait_for(timeout=15_000)
    assert page.locator(".tr-question").count() == 2


def test_an_empty_question_is_not_asked_and_a_new_conversation_is_empty(page: Page) -> None:
    ask(page, "   ")
    page.get_by_text("请先输入问题。").first.wait_for(timeout=10_000)
    assert page.locator(".tr-question").count() == 0
    page.get_by_role("button", name="ESS培训每月几次？").click()
    last_answer(page)
    page.locator("#clear").click()
    page.locator(".tr-question").wait_for(state="detached", timeout=10_000)
    assert page.locator(".tr-welcome").count() == 1


@pytest.fixture(scope="module")
def program_url(pack_dir: Path) -> Iterator[str]:
    """`termroute web` itself, over the sample pack."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    clean = {key: value for key, value in os.environ.items() if not key.startswith("TERMROUTE_")}
    settings = {"TERMROUTE_DATA_DIR": str(pack_dir), "TERMROUTE_EMBEDDING_MODEL": "hashed"}
    command = [sys.executable, "-m", "api", "web", "--port", str(port)]
    with subprocess.Popen(command, env=clean | settings, cwd=Path(__file__).parents[2]) as program:
        try:
            wait_until_served(f"http://127.0.0.1:{port}/", program)
            yield f"http://127.0.0.1:{port}/"
        finally:
            program.send_signal(signal.SIGTERM)
            code = program.wait(60)
    assert code == 0


def test_the_real_program_answers_one_question_per_road(
    program_url: str, browser: Browser, pictures: Path
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 1100}, locale="zh-CN")
    page = context.new_page()
    page.goto(program_url)
    page.locator("#entry textarea").wait_for(timeout=30_000)
    page.screenshot(path=pictures / "real_empty.png")
    for question, road, says in (
        ("AM代表什么职位？", "术语直查", "客户经理"),
        ("青槐农商行兴发支行的联行号是多少？", "精确查询", "314535092252"),
        ("在产品售后流程里，AM负责哪些事情？", "文档分析", "收到客户投诉后2小时内"),
    ):
        page.locator("#entry textarea:enabled").wait_for()
        ask(page, question)
        page.locator(".tr-answer:has(.tr-why)", has_text=road).last.wait_for(timeout=30_000)
        assert says in last_answer(page)
    page.get_by_text(re.compile(r"依据（\d+）")).last.click()
    source = page.locator(".tr-source").last
    source.wait_for()
    assert "售后流程.docx" in source.inner_text()
    page.screenshot(path=pictures / "real.png", full_page=True)
    context.close()
