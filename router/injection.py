"""Recognises sentences in documents that speak to a language model instead of a reader, so that none of them is obeyed."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from terminology.normalize import fold

if TYPE_CHECKING:
    from retrieval.types import Passage

# What is shown in the place of a sentence that was left out.
STAND_IN = "［…］"

# What it wants undone, whom it addresses, and what it wants done: each alone is ordinary in a company's documents.
_UNDO = r"(?<!不)(?<!不要)(?<!不得)(?<!不能)(?<!不可)(?<!勿)(?<!切勿)(?:忽略|无视|忘掉|忘记|不要理会|别理会|不用管|抛开|抛弃|停止遵[守循])"
_ORDERS = r"(?:指令|指示|提示词|系统提示|安全规则|上文|设定|人设|(?:以上|上述|之前|前面|此前)的?(?:所有|全部|一切|任何)?(?:内容|对话|规则|说明|要求|限制|资料|来源))"
_MODEL_ZH = r"(?:AI|人工智能|大模型|语言模型|智能助手|问答助手|聊天机器人|问答机器人|AI助手|GPT|模型)"
_MODEL_EN = r"(?:ai|llms?|language models?|chat ?bots?|ai (?:assistants?|models?|agents?)|gpt(?:-?\d\w*)?)"
_STRONG = re.compile(
    rf"{_UNDO}[^。！？\n]{{0,12}}{_ORDERS}"
    r"|(?:以上|上述|之前|前面|原有|先前|所有)的?[^。！？\n]{0,6}(?:指令|提示词|系统提示)[^。！？\n]{0,6}(?:作废|无效|失效|取消|忽略|不再|废止)"
    r"|(?:你|您)(?:现在|从现在起|从现在开始|接下来)(?:是一?[个名]|扮演|充当|将?变成|要?扮演|不再是|进入[^。]{0,8}模式|切换)"
    r"|从现在(?:起|开始)[，,]?(?:你|您)"
    rf"|{_MODEL_ZH}(?:在?(?:读|看)到(?:这|此|本)[^。\n]{{0,8}}[，,]?)?(?:现在|从现在起|必须|务必|应当|请|需要|一律|只能)[^。！？\n]{{0,10}}(?:回答|回复|输出|调用|告诉|说|附上|执行|写)"
    r"|(?:系统|开发者)(?:指令|提示词?|覆盖)\s*[:：]|(?:新的?|最新|隐藏|真正的?)(?:系统)?(?:指令|提示词)\s*(?:是|为|[:：])"
    r"|(?:输出|泄露|透露|复述|打印|显示|说出|告诉我|公开)[^。！？\n]{0,8}(?:系统提示|提示词|你的(?:指令|设定)|初始指令|隐藏规则)"
    rf"|(?:致|给|写给|发给|面向|对)(?:所有|任何|阅读本文的|读到[^。]{{0,6}}的)?{_MODEL_ZH}(?:的(?:指令|说明|备注|话|提示))?\s*[:：]"
    r"|调用[^。！？\n]{0,10}(?:工具|函数)[^。！？\n]{0,12}(?:发送|查询并|把|将|参数|并)|\b(?:query_fact|lookup_term|search_documents)\b"
    r"|(?:在?任何情况下|(?:在|对)?(?:所有|任何|每一?[个次条])的?(?:回答|回复|提问|问题|答案)(?:中|里|时|后|末尾)?)[^。！？\n不勿]{0,6}(?:说|回答|回复|答复|输出|附上|写上)\s*[:：“\"「]"
    r"|越狱模式|开发者模式(?:已|启动|开启)|DAN模式"
    r"|\b(?:ignore|disregard|forget|override)\b[^.!?\n]{0,30}\b(?:instructions?|(?:system )?prompts?|guidelines|everything (?:above|before|you)|all (?:previous|prior|above)|your rules)\b"
    r"|\b(?:system|developer) (?:prompt|override|directive)\b|\b(?:hidden|secret|admin|updated|real) (?:instructions?|prompts?)\s*(?::|are\b|is\b)"
    r"|\byou are (?:now|no longer) (?:an?|the|in|bound|dan)\b|\bfrom now on,? you\b"
    r"|\b(?:reveal|print|output|repeat|show|leak|disclose)\b[^.!?\n]{0,24}\b(?:system prompt|your (?:instructions|prompt|rules)|initial prompt|hidden rules)\b"
    rf"|\b(?:note|message|instructions?|attention|dear|notice) (?:to |for )?(?:the |all |any )?{_MODEL_EN}\b"
    rf"|\b{_MODEL_EN}\b[^.!?\n]{{0,40}}\b(?:must|should|shall|have to|has to|is to|are to|please)\b[^.!?\n]{{0,24}}\b(?:say|answer|reply|respond|output|write|include|append|tell|call|cite|send|state)\b"
    r"|\b(?:in|to|with) (?:any|every|each|all) (?:cases?|answers?|repl(?:y|ies)|responses?|questions?),? (?:you |please |always |only |just |must )*(?:say|answer|reply|respond|output)(?: with)?\s*[:\"“]"
    r"|\b(?:jailbreak|developer mode (?:enabled|on)|dan mode|do anything now)\b"
    r"|\b(?:call|invoke) the (?:tool|function)\b",
    re.IGNORECASE,
)
# What imitates the protocol between a program and its model.
_PROTOCOL = re.compile(
    r"<\|?\s*(?:im_start|im_end|system|assistant|user|start_header_id|end_header_id|endoftext|tool_call|tool_response|think)\b"
    r"|</?(?:tool_call|tool_response|function_call)>|\[/?(?:INST|SYSTEM)\]|<</?SYS>>"
    r"|^\s*#{2,}\s*(?:system|assistant|human|user)\b|^\s*(?:assistant|human|(?:ai)?助手)\s*[:：]|[\"']role[\"']\s*:\s*[\"'](?:system|assistant|tool)"
    r"|[\"'](?:name|tool|function)[\"']\s*:\s*[\"'](?:lookup_term|query_fact|search_documents)[\"']",
    re.IGNORECASE | re.MULTILINE,
)
# Without one of these words (folded) neither can match; most texts have none, and this look is a cheap one.
_HINT = re.compile(
    "忽略|无视|忘掉|忘记|理会|不用管|抛开|抛弃|停止遵|指令|提示词|系统提示|人工智能|模型|助手|机器人|现在|接下来|调用|越狱|模式|开发者|情况下|回答|回复|提问|问题|答案"
    "|ignore|disregard|forget|override|prompt|instruction|you are|from now on|jailbreak|mode|anything now|directive|(?:any|every|each|all) (?:case|answer|repl|response|question)"
    r"|query_fact|lookup_term|search_documents|\bai\b|\bllm|language model|chat ?bot|gpt|the tool|the function"
    r"|<\|? ?[a-z/]|\[/?inst|\[/?system|<</?sys|##|assistant|human|\"role|'role|\"name|'name|\"tool|'tool|\"function"
)
_IMAGE = re.compile(
    r"!\[[^\]]*\]\([^)]*\)|<(?:img|iframe|script|object|embed|link|meta)\b[^>]*>", re.IGNORECASE
)
_LINK = re.compile(r"\[([^\]\[]*)\]\(\s*(?:[a-z][a-z0-9+.-]*:|//|www\.)[^)]*\)", re.IGNORECASE)
_SCHEME = re.compile(
    r"(?<![A-Za-z])(?:javascript|vbscript|data(?=:[a-z]+/)|file(?=://)):[^\s\]>\"']+", re.IGNORECASE
)
_SENTENCE = re.compile(r"[^。！？!?\n]*(?:[。！？!?]+|\n|$)")


@lru_cache(maxsize=4_096)
def speaks_to_a_model(text: str) -> bool:
    """Tell whether `text` gives a language model instructions, or imitates the protocol that does.

    Width, case, traditional characters and hidden ones make no difference.
    """
    plain = "\n".join(fold(line).text for line in text.splitlines())
    return bool(_HINT.search(plain)) and bool(_STRONG.search(plain) or _PROTOCOL.search(plain))


def without_instructions(text: str, stand_in: str) -> str:
    """Return `text` with each sentence that speaks to a model replaced by `stand_in`; all others stay as they are."""
    if not speaks_to_a_model(text):
        return text
    pieces = []
    for found in _SENTENCE.finditer(text):
        sentence = found[0]
        spoken = bool(sentence.strip()) and speaks_to_a_model(sentence)
        if not spoken:
            pieces.append(sentence)
        elif not pieces or stand_in not in pieces[-1]:
            pieces.append(stand_in + ("\n" if sentence.endswith("\n") else ""))
    joined = "".join(pieces)
    # An instruction may run over several sentences, each harmless alone.
    return stand_in if speaks_to_a_model(joined.replace(stand_in, "")) else joined


def harmless(passage: Passage) -> Passage:
    """Return `passage` without sentences that speak to a model; nearly every passage is returned as it is."""
    if not speaks_to_a_model(passage.chunk.text):
        return passage
    return replace(
        passage, chunk=replace(passage.chunk, text=without_instructions(passage.chunk.text, STAND_IN))
    )


def without_hidden(text: str) -> str:
    """Return `text` without characters that no reader sees: zero-width, direction marks, tag characters."""
    return "".join(c for c in text if c in "\t\n\r" or unicodedata.category(c) not in {"Cf", "Cc", "Co", "Cs"})


def without_active_parts(text: str) -> str:
    """Return a model's text without what a client would fetch or run: images go, links become their words."""
    text = _IMAGE.sub("", text)
    text = _LINK.sub(lambda found: found[1], text)
    return _SCHEME.sub("", text)
