"""Whether a value in a sentence can answer at all: it counts what is asked, tells how often the asked thing is done, on a day."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from retrieval.facts.lexicon import bases, lexicon
from retrieval.facts.normalize import plain
from retrieval.facts.subject import Said
from retrieval.facts.values import CHINESE_DIGITS, chinese_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.facts.clauses import Spot
    from retrieval.facts.subject import SubjectWord
    from retrieval.facts.wanted import Wanted

# What is counted, after the general measure word: 几个科, 多少个席位. 人 and 天 count themselves.
_COUNTED = re.compile(
    r"(?:几|多少)(?:个|名|位|家|种|条|项|台|件|套|类)(?P<what>[一-鿿]{1,4}?)(?=$|[?？,，的是能要可会在呢啊])"
)
_NOT_COUNTED = frozenset("月人天周年次小时分钟工作日星期")
_DONE = re.compile(
    r"(?:多久|隔多久|每隔多久|多长时间|(?:几|多少)个?(?:年|月|周|星期|天|小时|分钟))(?:要|需要?|应|得|会|必须)?(?P<verb>[一-鿿]{1,4}?)(?:一次|一回|一遍)"
)
_OFTEN = re.compile(
    r"how (?:often|frequently) (?:is|are|was|were|do|does|did|must|should|can|will)\b.*?(?P<verb>[a-z]{3,})\W*$"
)
_TOLD = re.compile(
    r"每(?:隔)?[^，,]{0,4}?(?:天|日|周|星期|月|季度|年|小时|分钟)(?P<verb>[一-鿿]{2,6}?)[一二两三四五六七八九十\d]+次"
)
_LISTED = re.compile(r"[一-鿿]{2,4}?(?:、[一-鿿]{2,4}?)+(?=[设有均都等的在和及与，,。]|$)")
_CLAUSE_ENDS = re.compile(r"[,，;；]")
_EACH = re.compile(r"\b(?:once|twice|times?|per|every|each)$", re.IGNORECASE)
_DONE_AGAIN = re.compile(r"多久(?:要|就要|需要?|应当?|得|必须|须)?(?P<does>[一-鿿]{1,6})[呢啊呀吗]*$")
_DONE_ONCE = re.compile(r"[能可会完好到得了过内]")
_SHARE_OF = re.compile(r"\s*(?:%|per ?cent)?\s*of (?:the |its |their |your )?(?P<whole>[a-z][a-z -]{2,40})")
_SHARE_ASKED = re.compile(r"percent|per cent|\bshare\b|\bproportion\b|%|比例|率|百分")
_LIGHT = frozenset(
    [
        "做",
        "搞",
        "进行",
        "弄",
        "来",
        "有",
        "开",
        "办",
        "举行",
        "举办",
        "开展",
        "安排",
        "happen",
        "held",
        "done",
        "take",
        "place",
        "have",
    ]
)
_PAYMENT = re.compile(
    r"(?P<kind>费|补贴|津贴|补助|奖金|押金|定金|订金|保证金|质保金|违约金|罚款|工资|底薪|年薪|月薪)(?:标准|额度|上限)?(?:是|为|要|有|给|发|收)?多(?:少|高)"
)
_MOST = re.compile(
    r"\b(?:longest|shortest|biggest|largest|smallest|cheapest|oldest|newest|deepest|shallowest|heaviest|fastest|slowest)\b"
)
# What may be told as a share of a sum: 质保金 of 10%.
_SHARED = re.compile(
    r"[金率税息]|手续费|佣金|比例|提成|折扣|[付扣罚退赔缴抽收提报补奖](?:款|掉|还)?多少|\b(?:rate|deposit|tax|discount|surcharge)\b"
)
_DAY = re.compile(r"哪(?:一)?[天日]|星期几|周几|礼拜几|几号|\b(?:which|what) (?:day|date|weekday)\b")
_AFTER = re.compile(
    r"[内前后]$|\b(?:within|in|after) (?:\d+|[a-z]+) (?:working |business )?(?:hours?|days?|weeks?|months?)\b"
)
_MONEY = re.compile(
    r"[元块¥￥$€£%‰]|人民币|美元|欧元|rmb|cny|usd|eur|gbp|dollars?|euros?|pounds?|yuan|免费|免收|不收|[万亿]$|\d\s*倍|\d折|工资|薪[资酬水]|租金|房费",
    re.I,
)

_ENGLISH = {
    word: Decimal(number)
    for number, word in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
         "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"]
    )
}  # fmt: skip
_AMOUNT = re.compile(
    rf"(?<![第\d.a-z{CHINESE_DIGITS}])(?<!\d,)(?P<number>\d[\d,]*(?:\.\d+)?|[{CHINESE_DIGITS}]+|\b(?:{'|'.join(_ENGLISH)})\b)\s*"
    r"(?:周)?(?P<unit>年|岁|级|类|档|万|元|个月|米|公里|公斤|kg|吨|人|years?\b|months?\b|tonnes?\b|km\b|people\b)(?![级份度])"
)
_SAME_UNIT = {
    "years": "year",
    "年": "year",
    "months": "month",
    "个月": "month",
    "people": "人",
    "tonnes": "吨",
    "tonne": "吨",
}
_CALENDAR, _HALF = 1900, 0.5
_REACHED_BY = re.compile(
    r"电话|热线|手机|邮箱|邮件|分机|网址|号码|联系|\b(?:phone|telephone|number|e-?mail|address|hotline|extension|call|reach|contact|website)\b"
)
# A length asked for in one unit may be told in one near it: 几年 by 18个月, but not by 3日.
_OF_LENGTH = {
    "年": "年月永长", "个月": "年月周天日", "天": "天日时周月", "日": "天日时周月", "周": "周天日月星", "小时": "时分天日", "分钟": "分时秒",
}  # fmt: skip


def may_answer(asked: Wanted, sentence: str, spot: Spot) -> bool:
    """Whether a value of the asked kind can answer: not 五个院区 for 几个科, nor what is replaced for what is tested."""
    text = asked.text
    counted = _COUNTED.search(text) if asked.kind == "count" else None
    if counted and not any(char in _NOT_COUNTED for char in counted["what"][:1]):
        return _counts(counted["what"], sentence[spot.end : spot.end + 6])
    if asked.kind == "how_long" and _is_ahead(text, sentence[: spot.start]):
        return False
    if asked.kind == "count" and _of_all(text, plain(sentence[: spot.start])):
        return False
    if asked.kind == "how_long" and _is_an_interval(sentence, spot) and not re.search(r"每|隔", text):
        return False
    if asked.kind == "how_long" and (units := _OF_LENGTH.get(asked.measure)):
        return any(unit in spot.text for unit in units)
    if asked.kind == "how_often":
        return _done(text, plain(sentence)) and _done_is(text, plain(spot.text))
    if asked.kind == "when" and _DAY.search(text):
        return not _AFTER.search(plain(spot.text))
    if asked.kind != "money":
        return True
    share = spot.text.rstrip().endswith(("%", "‰")) or "百分之" in spot.text
    return _MONEY.search(spot.text) is not None and (not share or _SHARED.search(text) is not None)


def _is_ahead(question: str, before: str) -> bool:
    """Whether a span says how long before something, where a question asks how long it takes: 到期前30天 is no answer to 要几天."""
    return re.search(r"前\s*(?:至少|最少|不少于)?\s*$", before) is not None and not re.search(
        r"前|早|\b(?:before|advance|notice|early)\b", question
    )


def _of_all(question: str, before: str) -> bool:
    """Whether a count behind a list is of all that it names, and a question asks for one of them: 在北京、广州设有办事处，现有员工186人."""
    listed = [match for match in _LISTED.finditer(before) if _CLAUSE_ENDS.search(before, match.end())]
    return any(sum(name in question for name in match[0].split("、")) == 1 for match in listed)


def done_again(question: str, sentence: str) -> bool:
    """Whether a question asks after how long something is done again (多久全量备份), and a sentence says each when it is (每日全量备份)."""
    match = _DONE_AGAIN.search(question)
    if match is None or _DONE_ONCE.search(match["does"]):
        return False
    does = "|".join(map(re.escape, (match["does"], *lexicon().other(match["does"]))))
    return re.search(rf"每[^，,；;。]{{0,8}}(?:{does})", sentence) is not None


def is_share_of_asked(question: str, sentence: str, spot: Spot) -> bool:
    """Whether a value is a share of what a question asks for itself: 5 per cent of the monthly fee is no monthly fee."""
    value = plain(spot.text)
    if not value.endswith(("%", "percent", "per cent")) or _SHARE_ASKED.search(question):
        return False
    whole = re.search(r"(?P<whole>[一-鿿]{2,6})的$", plain(sentence[: spot.start]))
    if whole is not None and any(whole["whole"][at:] in question for at in range(len(whole["whole"]) - 3)):
        return True
    match = _SHARE_OF.match(plain(sentence[spot.end :]))
    if match is not None and re.search(r"\brate\b", question):
        # A rate may be told as a share of something else.
        return "rate" in match["whole"].split()[:3]
    return match is not None and any(word in question.split() for word in match["whole"].split()[:3])


def _is_an_interval(sentence: str, spot: Spot) -> bool:
    """Whether a span says how often something comes, not how long it takes: 每20分钟一班."""
    before, behind = sentence[: spot.start].rstrip(), sentence[spot.end :].lstrip()
    return (
        before.endswith(("每", "每隔"))
        or _EACH.search(before) is not None
        or (
            before.endswith(("每", "每隔", "every"))
            and re.match(r"(?:发|开|有)?一[班趟次列]", behind) is not None
        )
    )


def names_what(question: str, said: str) -> bool:
    """Whether a text speaks of the kind of payment that a question asks for (夜餐券 of 15元 is no 夜班费), and of the longest or oldest."""
    most = _MOST.search(question)
    if most is not None and most[0] not in said:
        return False
    match = _PAYMENT.search(question)
    if match is None:
        return True
    kind = match["kind"]
    return any(form in said for form in (kind, *lexicon().other(kind)))


def says_amounts(question: str, sentence: str) -> bool:
    """Whether a sentence says the amounts that a question tells: what holds after 10 years says nothing of 8."""
    told = {_amount(match) for match in _AMOUNT.finditer(question)} - {None}
    return not told or told <= {_amount(match) for match in _AMOUNT.finditer(sentence)}


def says_whose(words: Sequence[SubjectWord], said: str) -> bool:
    """Whether a text says whose number or address is asked for: 服务台电话 is no 理赔热线."""
    text = Said.of(said)
    return all(
        text.share(word) >= _HALF or _REACHED_BY.search(word.text) for word in words if len(word.text) > 1
    )


def _amount(match: re.Match[str]) -> tuple[str, str] | None:
    """A number and what it counts, as they are compared; None for a bare one (一次) and for a calendar year."""
    text, unit = match["number"], _SAME_UNIT.get(match["unit"], match["unit"])
    number = (
        _ENGLISH.get(text)
        or chinese_number(text)
        or (Decimal(text.replace(",", "")) if text[0].isdigit() else None)
    )
    if number is None or text == "一" or (unit == "year" and number >= _CALENDAR):
        return None
    return str(number.normalize()), unit


def _counts(what: str, after: str) -> bool:
    """Whether the thing counted stands behind the number, or nothing else does."""
    following = re.match(r"\s*(?:以上|以下|左右|的|不同的?)?([一-鿿]{0,4})", after)
    said = following[1] if following else ""
    return not said or any(said.startswith(form[:2]) for form in (what, *lexicon().other(what)))


def _done_is(text: str, value: str) -> bool:
    """Whether what a value says is done is what the question asks the frequency of: 每15天保养一次 is no answer for 清洗."""
    match, told = _DONE.search(text), _TOLD.match(value)
    verb = match["verb"] if match else ""
    if told is None or not verb or verb in _LIGHT or told["verb"] in _LIGHT:
        return True
    forms = (verb, *lexicon().other(verb))
    return any(form in told["verb"] for form in forms) or bool(set(verb) & set(told["verb"]))


def _done(text: str, sentence: str) -> bool:
    """Whether a sentence speaks of what the question asks the frequency of: 换 is not 检查."""
    match = _DONE.search(text) or _OFTEN.search(text)
    verb = match["verb"] if match else ""
    if not verb or verb in _LIGHT:
        return True
    forms: Sequence[str] = (verb, *lexicon().other(verb), *bases(verb))
    if not verb.isascii():
        return any(form in sentence for form in forms)
    return any(
        form in sentence if not form.isascii() else re.search(rf"\b{re.escape(form[:6])}", sentence)
        for form in forms
    )
