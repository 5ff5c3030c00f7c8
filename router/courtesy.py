"""A question without the words of courtesy around it: `请查询铅字街支行的电话，谢谢` asks for 铅字街支行的电话."""

from __future__ import annotations

import re

_VERB = "查询|查找|查看|查一?下|查查|查|提供|列出|列一?下|告知|告诉|说明|介绍|确认|核实|看看|看一?下|找一?下|找找|找|给出|发|说说|说一?下|讲讲|讲一?下"
_BEFORE = re.compile(
    rf"(?:(?:您好|你好|哈喽|嗨|各位|大家|老师|大佬|领导)(?:好)?[，,！!。、 ]*)*"
    rf"(?:(?:能不能|能否|可否|可不可以|可以|是否可以|方便)?(?:请|麻烦|劳烦|劳驾|拜托|烦请|帮忙|帮)(?:您|你)?(?:帮忙|帮)?(?:我们|我)?(?:再|先)?(?:简单|详细|快速)?(?:{_VERB})(?:我们|我)?(?:一下|下)?[，,：: ]*"
    rf"|(?:我|我们)?(?:想|要|需要)(?:问|查询|查|请教|了解|知道|确认)(?:一下|下)?[，,：: ]*|(?:请问|请教)(?:一下|下)?[，,：: ]*)+"
    r"|(?:(?:hi|hello|hey|excuse me)[ ,!]+)*(?:(?:can|could|would) (?:you|someone|anyone) )?(?:please |kindly )*(?:tell me|let me know|show me|give me|look up|provide|find)(?: me)? (?=\S)",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"[，,。.！!？? ]*(?:谢谢(?:您|你|大家|啦|了)?|多谢(?:了|啦)?|感谢|拜托了?|麻烦(?:您|你)?了?|thanks(?: a lot| in advance)?|thank you|please)[！!。.~～ ]*$",
    re.IGNORECASE,
)
_SHORTEST = 4


def without_courtesy(question: str) -> str:
    """Return `question` without the courtesy before and after it; a question that is little else stays as it is."""
    bare = _AFTER.sub("", question.strip())
    found = _BEFORE.match(bare)
    bare = bare[found.end() :] if found else bare
    return bare if len(bare) >= _SHORTEST else question
