"""Who a sentence names, which place, and what a code in it means: what has no pattern of its own and is read by rules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.facts.normalize import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from retrieval.facts.wanted import Wanted

# 转移到另一个国家 names no place.
_NO_PLACE = re.compile(r"(?:另|其他|别的|某|任何)[一-鿿]*$|(?:another|other|some|any)\b", re.IGNORECASE)
_NAME = r"[一-鿿A-Za-z·（）() ]{2,16}?"
_NOT_A_NAME = re.compile(
    r"^(?:应|须|需|可|不|如|若|并|且|其|该|此|所有|员工应|人员|相关|有关|谁|按|在|经|将|为|是|的|和)+$"
)


def _people(asked: Wanted, sentence: str) -> list[str]:
    """Who a sentence names: 由 X 审批, X 负责 …, 负责人：X, approved by X."""
    verbs = "|".join(re.escape(w) for w in asked.subject) or "负责"
    acts = rf"(?:{verbs}|负责|审批|批准|主持|组织|主讲|承担|签字|审核|复核|牵头)"
    patterns = (
        rf"由\s*({_NAME})\s*(?:统一|共同|直接|进行)?{acts}",
        rf"(?:负责人|联系人|讲师|主讲人?|主持人|审批人|经办人|责任人|对接人|责任部门|负责部门)\s*[是为：:]\s*({_NAME})(?=[，,。；;、\s]|$)",
        rf"(?:^|[，,。；;：:])\s*({_NAME})\s*(?:负责|审批|批准|主持|主讲|牵头)",
        r"\b(?:by|is|contact) (?:the )?([A-Z][\w. ]{1,30}?)(?=[,.;]|$| (?:is|and|on|in|for|at|who)\b)",
        r"^(?:the )?([A-Z][\w ]{1,30}?) (?:is responsible|approves|is in charge|handles|leads|signs|manages)\b",
    )
    for pattern in patterns:
        found = [m[1].strip() for m in re.finditer(pattern, sentence)]
        found = [name for name in found if len(name) > 1 and "由" not in name and not _NOT_A_NAME.match(name)]
        found = [name for name in found if not any(word in plain(name) for word in asked.subject)]
        if found:
            return found
    return []


def _places(_asked: Wanted, sentence: str) -> list[str]:
    patterns = (
        r"(?:地点|地址|位置|场地|会场)\s*(?:是|为|在|设在|[：:])\s*([^，,。；;\n]{2,40})",
        r"(?:位于|设在|设于|存放在|存放于|放在|放置在|前往|送到|送至|寄到|寄至|到)\s*([^，,。；;\n]{2,30}?)(?=[，,。；;]|$|办理|领取|登记|报到|举行|召开|进行)",
        r"在\s*([^，,。；;\n]{2,20}?(?:室|厅|楼|层|中心|大厦|广场|园区|仓库|车间|路\S{0,8}号|平台|系统|机房|会议室|前台))(?=[，,。；;]|$|办理|领取|登记|报到|举行|召开|进行|举办|开展)",
        r"\b(?:located|held|stored|takes place|kept) (?:in|at|on) (?:the )?([^,.;]{2,40})",
    )
    for pattern in patterns:
        found = [m[1].strip() for m in re.finditer(pattern, sentence) if not _NO_PLACE.match(m[1].strip())]
        if found:
            return found
    return []


def _meanings(asked: Wanted, sentence: str) -> list[str]:
    """What stands after a code that opens its line: E-1012  授权已过期：…"""
    code = "|".join(re.escape(word) for word in asked.subject)
    match = re.match(rf"\W*(?:{code})\s*[:：\-—|]?\s*([^：:，,。；;|\n]{{2,40}})", sentence, re.I)
    return [match[1].strip()] if match and match[1].strip() else []


READ_BY_RULES: Mapping[str, Callable[[Wanted, str], list[str]]] = {
    "who": _people, "where": _places, "meaning": _meanings,
}  # fmt: skip
