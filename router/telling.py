"""Where a sentence tells a thing of a kind: a number in the unit that is asked for, a day, a person, a place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from retrieval.facts.measures import told_amounts

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["number", "when", "who", "where", "name"]
Span = tuple[int, int]

_VALUES: dict[str, re.Pattern[str]] = {
    "number": re.compile(
        r"\d+(?:[.,:]\d+)*(?:\s?[%‰万亿千百])?|[一二三四五六七八九十百千万亿两半]+(?=[个名人位家次项年月天日周小分秒元块支座台件套份页倍级层楼度米成折岁步])"
        r"|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|ninety|hundred|once|twice|half"
        r"|daily|weekly|monthly|quarterly|termly|yearly|annually)\b"
    ),
    "when": re.compile(
        r"\d{1,2}\s?[月日号时点]|\d{4}\s?年|\d[:：]\d\d|[一二三四五六七八九十两半\d]+\s?(?:个?工作日|天|周|个月|小时|分钟|季度|年)"
        r"|(?:周|星期)[一二三四五六日天]|每[天日周月季年]|(?<![赛花换淡旺四])[月季年周][初底末]|(?:每|本|当|次|上|下|\d|[一二三四五六七八九十]|全)(?:个)?(?:月|季度?|年|周)中|[今昨明当][天日年]|上午|下午|晚上|[早中晚]班"
        r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day|\b\d{1,2}(?:st|nd|rd|th|:\d\d)?\b|\b(?:daily|weekly|monthly)\b"
    ),
}
_NUMERAL = r"(?:\d[\d.,]*|[一二三四五六七八九十百千万两半]+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|half an?|an?)"
# What such a question wants of a number in running text: Sony takes 5 working days is no price.
_OF_KIND: dict[str, re.Pattern[str]] = {
    "money": re.compile(
        r"[¥￥$€£]\s?\d[\d.,]*|\d[\d.,]*\s?[万亿千百]*\s?(?:元|块|[美欧日港]元|英镑|港币|人民币|rmb|cny|usd|eur|gbp|jpy|hkd|yuan|dollars?|euros?|pounds?|pence|cents?)"
        r"|[一二三四五六七八九十百千万两]+(?:元|块)|\d[\d.]*\s?[%‰]|百分之\w+|\d[\d.,]*\s?[/／]\s?\w+|免费|包邮|\bfree\b"
    ),
    "how_long": re.compile(
        rf"{_NUMERAL}\s?(?:个)?(?:工作日|自然日|小时|分钟|秒|天|日|周|星期|月|季度?|年|学期)|永久|长期|终身|当[天日周月年]|次[日月年]|即时|立即"
        rf"|\b{_NUMERAL}[ -](?:\w+ )?(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|terms?)\b|\b\d+ ?(?:s|sec|min|h|hrs?)\b|\d{{4}}"
    ),
    "how_often": re.compile(
        rf"[每隔]\s?{_NUMERAL}?\s?(?:个)?(?:工作日|小时|分钟|秒|天|日|周|星期|月|季度?|年|班|批|次|学期)|[天日周月季年]{_NUMERAL}次|{_NUMERAL}\s?次"
        r"|\b(?:hourly|daily|weekly|monthly|quarterly|yearly|annually|every \w+|once an? \w+|twice an? \w+|\d+ times)\b"
    ),
    "contact": re.compile(r"\d[\d -]{2,}\d|[\w.+-]+@[\w.-]+|https?://\S+"),
}  # fmt: skip
# A day, a month and a year are no amount.
_DAYS = re.compile(
    r"(?:19|20)\d{2}\s?[年/.-]\s?\d{1,2}\s?[月/.-]\s?\d{1,2}\s?[日号]?|(?:19|20)\d{2}\s?年(?:\s?\d{1,2}\s?月)?|\d{1,2}\s?月\s?\d{1,2}\s?[日号]?|\d{1,2}\s?月(?:份|初|底|末|中旬|上旬|下旬)"
)
_CALLED = re.compile(
    r"(?:是|由|为|找|[:：])\s?(?P<name>[\u3400-\u9fff]{2,4})(?=[，,。；;、\s（(]|负责|主持|审批|$)"
)
# A Latin name in a Chinese sentence: 由Kevin审批; other Latin words there are brands and abbreviations.
# What a thing is called: in quotes, or behind 叫 and the like.
_CALLS = re.compile(
    r"(?:[“\"「『《]|(?:叫做?|名为|名叫|取名|命名为|称为|俗称|简称|名称(?:是|为|[:：])|名字(?:是|为|[:：])|(?<![不还就都而])是|\b(?:called|named|known as|is))\s?[“\"「《]?)(?P<name>[^\s，,。；;、“”\"「」《》]{2,24})"
)
_LATIN_NAME = re.compile(
    r"(?:是|由|为|找|联系|[:：、])\s?(?P<name>[a-z][a-z.]+(?: [a-z][a-z.]+)*)|(?P<doer>[a-z][a-z.]{2,}(?: [a-z][a-z.]+)*)\s?(?:负责|主持|审批|批准|签字|带队)"
)
_MOSTLY_LATIN = 0.5
# What a person, a group or a place is called beside its name: 经理, 质量部, 三楼会议室. Tags are rjieba's.
_PEOPLE, _PERSONS, _PLACES = (
    frozenset({"nr", "nrt", "nrfg", "nt"}),
    frozenset({"nr", "nrt", "nrfg"}),
    frozenset({"ns", "nt"}),
)
_PEOPLE_CALLED = re.compile(r"[部组科处室员师长家人方队社司局商者团办委]$|经理|主管|总监|中心|公司|专员|助理")
_NOBODY = re.compile(
    r"(?:国家|大家|人员|成员|记者|个人|总部|全部|内部|外部|局部|本部|[一二三四五六七八九十\d]部|现任.*|(?:得|选)手|获胜者|冠军)$"
)
_PLACE_CALLED = re.compile(
    r"[楼室层厅馆区市省县镇村路街号库柜处部网站国州洲港湾山河]$|中心|平台|系统|页面|菜单|目录|文件夹|大厦|公司"
)
# Who holds such an office is a person, no department: 总经理是谁, 《…》的导演是谁.
_OFFICE = re.compile(
    r"(?:导演|编剧|主演|主编|作者|教练|得主|创始人|发明人|总理|总统|主席|总经理|董事长|总裁|厂长|校长|院长|行长)(?:是|为|叫)?(?:谁|什么名字)|谁是[^，。？?]{0,20}(?:导演|编剧|主演|主编|作者|教练|得主|创始人|发明人|总理|总统|主席|总经理|董事长|总裁|厂长|校长|院长|行长|手)[？?]?$"
)
# In running text a place is where something is or goes, not any name of a country in passing.
_AT = re.compile(r"(?:在|于|到|至|往|去|赴|抵达?|自|从|入|[:：]|是|为|驻|找|来)[^，,。；;]{0,4}$")
PLACES_ASKED = re.compile(r"哪[些几]个?(?:地方|城市|国家|地区|省份|省市)")
_HELD = re.compile(r"[^，,。；;]{0,4}(?:举办|举行|召开|开幕|办理|领取|报到|集合|登记|提交|见面)")


def told_in(kind: Kind, detail: str, text: str, asked: str, *, row: bool = False) -> list[Span]:
    """Where something of `kind` stands in a folded sentence or `row` that the folded question does not say.

    `detail`: the kind of number that is asked for (money, how_long …), empty for any.
    """
    if kind == "number":
        return _numbers(detail, text, asked, row=row)
    if kind == "name":
        return [found.span("name") for found in _CALLS.finditer(text) if found["name"] not in asked]
    if kind == "when":
        return [found.span() for found in _VALUES["when"].finditer(text) if found.group() not in asked]
    return list(_people(text, asked) if kind == "who" else _places(text, asked, row=row))


def _numbers(detail: str, text: str, asked: str, *, row: bool) -> list[Span]:
    pattern = _OF_KIND.get(detail)
    if pattern is None and not row and (amounts := told_amounts(asked, text)) is not None:
        return [(start, end) for start, end in amounts if text[start:end] not in asked]
    found = (pattern or _VALUES["number"]).finditer(text)
    days = [] if row or pattern is not None else [match.span() for match in _DAYS.finditer(text)]
    return [
        match.span()
        for match in found
        if match.group() not in asked and not any(start <= match.start() < end for start, end in days)
    ]


def _people(text: str, asked: str) -> Iterator[Span]:
    # Few given names stand in a dictionary: what follows 是, 由 or a colon, of a name's length, may be one.
    yield from (found.span("name") for found in _CALLED.finditer(text) if found["name"] not in asked)
    latin = sum(char.isascii() for char in text) > _MOSTLY_LATIN * len(text)
    for found in () if latin else _LATIN_NAME.finditer(text):
        group = "name" if found["name"] else "doer"
        if found[group] not in asked:
            yield found.span(group)
    office = _OFFICE.search(asked) is not None
    for word, tag, span in _tagged(text):
        named = tag in (_PERSONS if office else _PEOPLE) or (latin and tag == "eng")
        called = not office and _PEOPLE_CALLED.search(word) and not _NOBODY.search(word)
        if word not in asked and (named or called):
            yield span


def _places(text: str, asked: str, *, row: bool) -> Iterator[Span]:
    latin = sum(char.isascii() for char in text) > _MOSTLY_LATIN * len(text)
    for word, tag, (start, end) in _tagged(text):
        if word in asked or not (tag in _PLACES or (latin and tag == "eng") or _PLACE_CALLED.search(word)):
            continue
        if row or latin or PLACES_ASKED.search(asked) or _AT.search(text[:start]) or _HELD.match(text, end):
            yield start, end


def _tagged(text: str) -> Iterator[tuple[str, str, Span]]:
    """Yield the words of two and more characters with their tags, and where they stand."""
    import rjieba

    at = 0
    for word, tag in rjieba.tag(text):
        start = text.find(word, at)
        if start < 0:
            continue
        at = start + len(word)
        if len(word) > 1:
            yield word, tag, (start, at)
