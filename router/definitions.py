"""The shapes of a question that asks what a term means: its words with one slot in the place of each known term."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Literal

from router.meaning import asks_meaning

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Wanted = Literal["any", "english", "chinese", "abbreviation"]

_CJK = re.compile(r"[\u3400-\u9fff]")
# One private-use character stands for each matched term, so that patterns see the shape around it.
SLOT = "\ue000"
_SPACE = re.compile(r"\s+")
_CLAUSE = re.compile(r"[，,；;。？?！!:：]\s*|\.\s+|\s+-+\s+|——+")
_THIS = re.compile(
    r"^(?:那|所以|请问)*(?:这个?|它|那个?|该)(?:词|缩写|缩略语|简称|术语|东西)?(?=是|指|代表|表示|的|怎么|什么意思|啥意思)"
    r"|^(?:具体|到底|究竟)?(?=(?:指的?是|是指|代表的?是?)(?:什么|啥|谁)|(?:英文|中文)?(?:全称|全写|意思|含义)(?:是|叫|为|$))"
)
_IT = re.compile(
    r"^(?:so |and |but )?what(?:'s| is| was| does| do| are)? (?:it|this|that|they|those)(?: (?:mean|means|stand for|short for|about))?$",
    re.I,
)
# 几个意思 and 多少意思 ask for no number.
ODD_MEANING = re.compile(r"(?:几个|多少|哪个|哪门子|何|神马|么子)意思")
_QUOTES = re.compile(r"[“”\"'‘’「」『』《》【】]")
END = re.compile(r"[\s?？!！。.，,~～:：;；]+$")
_ABBREVIATION = re.compile(
    r"(?<![A-Za-z0-9])(?=[A-Za-z0-9.+&/\-]*[A-Z])[A-Za-z0-9][A-Za-z0-9.+&/\-]{0,14}(?![A-Za-z0-9])"
)

_NOUN_ZH = (
    "意思|含义|涵义|意义|定义|概念|全称|职位|职务|岗位|角色|职称|部门|公司|机构|组织|单位|系统|软件|平台|工具|模块|技术|"
    "术语|缩写|缩略语|简称|代号|词|单词|名词|东西|玩意儿?|标准|格式|协议|文件|产品|设备|材料|展会|展览|活动|培训|会议|"
    "项目|指标|参数|方法|工艺|流程|制度|岗|人|内容|级别|类型|疾病|检查|药物?|治疗|指数|评分|量表|服务|程序|接口|语言|"
    "模式|机制|状态|阶段|职级|课程|功能|方案|计划|字段|算法|材质|版材|规范|体系|认证|证书|单据|单子|部件|零件|配件|组件|药剂|仪器|工种|科室|专业|行业|费用|价格?|数据|信号|病"
)
# Atomic rounds, the longer alternative first: 问问问… must not be tried in every way that it can be cut.
_LEAD_ZH = (
    r"(?>请问一?下?|请教一?下?|请|这个?|那个?|该|麻烦|劳驾|(?:我|就)?(?:想|要|需要)?(?:问问|问|请教|确认|了解|知道|搞懂|弄懂|弄清楚?|搞清楚?|打听|核实)一?下?|"
    r"帮我?(?:查|看|解释|翻译)一?下?|(?:哪位|谁)(?:能|可以|来|给|帮忙?)*我?(?:讲讲|讲|说说|说|解释|科普)一?下?|查一?下|告诉我|解释一?下|说明一?下|科普一?下|普及一?下|求解释|求教|新人求?问|"
    r"介绍一?下|你?知道|那么?|文中|这里|咱们|我们|公司|里|内部|的|所说|说|提到|常说|此处|该处|句中|文件里|各位|大家|老师|大佬|你好|您好|有人知道|谁知道|，|,)*"
)
_PLACE_ZH = r"(?:(?:在|对于|关于|作为|按照?)[^，,。？?\ue000]{1,24}?(?:里面?|中|上|时|下|方面|领域|部门|行业|场景|语境|系统|流程|的时候)?[，,]?)?"
_KIND_ZH = (
    r"(?:(?:这|那|该)(?:一)?个(?:[a-z]{2,24}|[\u3400-\u9fff]{1,4}(?=叫))|(?:这|那|该)?(?:一)?(?:个|条)?(?:英文|专业|行业|内部)?"
    r"(?:缩略语|缩写|术语|词汇?|名词|简称|代号|概念|岗位|职位))?"
)
_WHAT_ZH = (
    # `是什么印刷`, `是哪种color space`: what kind of thing it is, but not when, where, why or at what price.
    rf"(?:(?:什么|啥|哪种|哪[几两二三四五六七]种|哪一种|哪类)(?!时候|时间|地方|地点|原因|价|日期|编号|电话|版本|流程|人|部门)(?:[\u3400-\u9fff]{{1,4}}|[a-z][a-z ]{{2,20}})"
    rf"|哪[几两三四五]个(?:英文)?(?:单?词|字母|字)|哪几(?:个|项|种|类|点|方面)?|(?:关于|用于|做)?(?:什么|啥|何|哪个|哪种|哪一?个|哪些|什麽)的?"
    rf"(?:{_NOUN_ZH})?(?:的?(?:缩写|简称|意思|含义|{_NOUN_ZH}))?)"
)
_IS_ZH = (
    r"(?:分别|各自?|都|到底|究竟|具体|一般|通常|其实|在这里|在这儿|这里|这儿|应该|该|应)*"
    r"(?:是|指|代表|表示|指代|意味着?|叫做?|即|系|为|说|讲|算)(?:的)?(?:是|着|了)?(?:指|代表|表示)?(?:一?个|一?种)?"
)
# `中文怎么称呼`, `该怎么理解`, `一般怎么念`.
_HOW_ZH = (
    r"(?:我们|咱们|公司|大家|一般|通常|平时|应该|该|应|要|可以|到底|究竟|用)*(?:(?:用|拿)?(?:英文|英语|中文|汉语)(?:里|中)?(?:该|应该|应|要)?)?"
    r"(?:怎么|怎样|如何|咋)(?:去|来)?(?:理解|解释|称呼|定义|翻译|翻|表达|表述|说|讲|叫|念|读|写|拼)(?:成)?(?:才对)?"
)
# `是哪两个词的首字母`, `写成哪几个字母`, `简称什么`.
_LETTERS_ZH = (
    r"(?:我们|咱们|公司|大家|一般|通常|平时|应该|该)*(?:(?:是|由|用|取|代表)(?:了|的)?哪[几两二三四五六些]个?(?:英文|英语)?(?:单?词|字母|词组|字)"
    r"|(?:写成|写作|写为|缩成|缩写成|缩写为|简写成|简写为|简称为?|称作|称为|叫成)(?:哪[几两二三四五六些]个?|什么|啥)(?:英文|英语)?(?:单?词|字母|词组|字|缩写)?)"
    r"(?:的)?(?:首字母|缩写|简称|简写|组成|拼成|组合)?(?:的|来的)?"
)
_FIELD_ZH = (
    r"(?:英文|英语|中文|汉语)?(?:全称|全名|全写|全拼|完整名称|名称|名字|名|含义|涵义|意思|定义|释义|解释|翻译|说法|缩写|缩略语|简称)"
    r"|英文|英语|中文|汉语"
)
# What may stand before the term when the phrase after it leaves no doubt: `屏幕校准时说的□是什么`.
_BEFORE_ZH = r"(?:[^，,。？?]{0,20}(?:的|里|中|上|时|说|写|叫))?"
_TERMS_ZH = rf"{SLOT}(?:(?:和|与|跟|及|以及|还有|、|，|,|/|或者?)+{SLOT})*"
_DEFINITION_ZH = re.compile(
    rf"{_LEAD_ZH}{_PLACE_ZH}{_LEAD_ZH}(?:"
    rf"{_TERMS_ZH}{_KIND_ZH}(?:是谁|指谁)?"
    rf"|[^，,。？?\ue000]{{2,24}}(?:说|写|讲|指|标|填|提到?)到?的(?:那个|这个)?{_TERMS_ZH}{_KIND_ZH}"
    rf"|{_BEFORE_ZH}{_TERMS_ZH}{_KIND_ZH}{_PLACE_ZH}(?:{_IS_ZH}{_WHAT_ZH}|是指谁|指的是谁|指谁|指的是|是指|代表的是|怎么(?:理解|解释|说|讲|翻译)|(?:是)?(?:啥|什么)(?:意思|含义)|什么意思)"
    rf"|{_BEFORE_ZH}{_TERMS_ZH}{_KIND_ZH}(?:分别|各自?)?的?(?:{_FIELD_ZH})(?:分别|各自?|都)?(?:和(?:{_FIELD_ZH}))?"
    rf"(?:是|叫|为|怎么(?:写|说|拼|讲|叫)|该?怎么写)?(?:什么|啥|多少|哪个)?"
    rf"|(?:什么|啥|何)(?:是|叫做?|谓|为){_KIND_ZH}{_TERMS_ZH}"
    rf"|{_BEFORE_ZH}{_TERMS_ZH}{_KIND_ZH}(?:的)?(?:{_HOW_ZH}|{_LETTERS_ZH})"
    rf"|{_TERMS_ZH}{_KIND_ZH}(?:一共|总共|都)?有(?:哪)?(?:几|多少|哪些|什么)(?:种|个|层)?(?:意思|含义|解释|说法|义项)"
    rf"|{_TERMS_ZH}(?:是|代表)(?:什么|啥|哪个|哪些)(?:词|单词|词组|短语)?的?(?:缩写|缩略语|简称|简写)"
    rf"|{_BEFORE_ZH}{_TERMS_ZH}{_KIND_ZH}(?:啥|什么)(?:玩意儿?|东西|名堂|讲究)"
    rf"|{_BEFORE_ZH}{_TERMS_ZH}(?:这|那|该)一?个[\u3400-\u9fff]{{1,4}}叫(?:什么|啥)(?:名字?|名称)?"
    rf"|[^，,。？?\ue000]{{0,20}}{_TERMS_ZH}{_KIND_ZH}的?(?:意思|含义|涵义|概念|释义|定义|全称|全名|中文名|英文名)(?:是|叫)?(?:什么|啥)?"
    rf"|何[谓为]{_TERMS_ZH}|(?:解释|定义|说明|翻译|查询?|释义){_KIND_ZH}{_TERMS_ZH}{_KIND_ZH}(?:的(?:意思|含义))?"
    rf"|{_TERMS_ZH}用?(?:英文|英语|中文|汉语)?的?(?:缩写|缩略语|简称)?(?:应该|该)?(?:怎么|如何)(?:说|写|表达|讲|翻译|缩写|简写)"
    rf"|{_TERMS_ZH}(?:的?(?:缩写|简称|缩略语))?(?:应该|该)?(?:怎么|如何)(?:缩写|简写|简称)"
    rf"|{_TERMS_ZH}(?:一般|通常|平时)?(?:对应)?的?(?:用?(?:英文|英语))?(?:怎么|如何)?(?:缩写|简写|简称|缩略语|short ?form|abbreviation|acronym)"
    rf"(?:一般|通常)?(?:成|为|作|做|是|叫|怎么写|怎么说)?(?:什么|啥|哪[个几三两四]个?字母)?"
    rf"|哪个(?:缩写|缩略语|简称|术语)(?:是|代表|表示|指){_TERMS_ZH}"
    rf")(?:呢|呀|啊|吗|么|吧|来着|的)*"
)
_LEAD_EN = (
    r"(?:(?:please|kindly|hi|hello|hey|sorry|can|could|would|you|someone|anyone|tell|remind|me|explain|do|know|i|i.?m|i.?d|am|want|wanted|"
    r"like|just|quick|question|any|idea|clue|got|have|heard|keep|seeing|see|saw|asking|ask|wondering|wonder|unsure|not|sure|to|in|at|our|the|company|us|"
    r"define|term|terms|word|abbreviation|acronym|meaning|definition|expand|spell|out|of|about|exactly),?\s+)*"
)
_TERMS_EN = rf"(?:the |an? )?(?:term |abbreviation |acronym |word )?{SLOT}(?:(?: and | or |, ?|/| & )(?:the |an? )?{SLOT})*"
_TAIL_EN = r"(?: (?:in|at|within|for|to|on|here|as|under|during)(?: [\w\-]+){0,6})?"
_FIELD_EN = (
    r"(?:full |long |english |chinese |official )?(?:name|form|meaning|definition|expansion|abbreviation|acronym|short form|"
    r"translation|equivalent|term|title)|chinese|english"
)
_DEFINITION_EN = re.compile(
    rf"{_LEAD_EN}(?:"
    rf"who (?:is|are) (?:the |an? )?{SLOT}(?!.)|what (?:is|are|do) the (?:\w+ )?(?:letters?|words?|[a-z]s?) (?:in|of) {_TERMS_EN}(?: (?:stand for|mean))?"
    rf"|(?:what|which|what's|whats|what're)(?: (?!was|were|did|will|has|had)[a-z]+){{0,2}}?(?: exactly)?(?: is| are| does| do|'s)? (?:meant by )?{_TERMS_EN}"
    rf"(?: (?:mean|means|meant|stand|stands|standing|stand's|short|abbreviation|acronym|refer|refers|called|denote|represent|represents)"
    rf"(?: for| to| of)?)?"
    rf"|(?:what is|what's|whats|what are|give|tell me|show)? ?(?:the )?(?:{_FIELD_EN})(?:s)? (?:of|for) {_TERMS_EN}"
    rf"|{_TERMS_EN}'?s? (?:{_FIELD_EN})"
    rf"|{_TERMS_EN} (?:means?|stands? for|is)(?: what)?"
    rf"|(?:which|what)(?: abbreviation| acronym| short form)(?: do (?:we|you) use| is used| stands?| is there)? for {_TERMS_EN}"
    rf"|how (?:do|would) (?:you|we|i) (?:say|write|abbreviate|translate) {_TERMS_EN}"
    rf"|what (?:is|'s) {_TERMS_EN} (?:abbreviated|called|short)(?: as| for| to)?"
    rf"|{_TERMS_EN}"
    rf"){_TAIL_EN}",
    re.IGNORECASE,
)
COMPARED = re.compile(
    rf"{_LEAD_ZH}{SLOT}(?:和|与|跟|同|、|vs\.?|对比|相比)+{SLOT}(?:之间)?的?(?:有(?:什么|啥|何)?|是什么|的)?(?:区别|不同|差别|差异|不一样)(?:是什么|在哪里?|吗|呢)*"
    rf"|{_LEAD_ZH}{SLOT}(?:和|与|跟|同|、)+{SLOT}(?:是不是|是否是?|是|算不算|算)?(?:一回事|同一个(?:意思|东西|概念)?|一个意思|一样的?(?:意思|东西)?)[吗么呢啊]*"
    rf"|{_LEAD_EN}(?:what(?: is|'s) )?(?:the )?difference between {SLOT} (?:and|vs\.?) {SLOT}"
    rf"|{SLOT} ?vs\.? ?{SLOT}|compare {SLOT} (?:and|with|to) {SLOT}",
    re.IGNORECASE,
)
WHAT_EACH = re.compile(r"[，,](?:各自?|分别|都)?(?:是|指|代表)(?:什么|啥)(?:的?(?:意思|缩写|含义|全称))?$")


def shape_of(question: str, spans: Iterable[tuple[int, int]], *, spaced: bool = False) -> str:
    """Put one slot character in the place of each term, and drop quotes, final marks and spaces beside slots."""
    pieces, last = [], 0
    for start, end in sorted(spans):
        if start < last:
            continue
        pieces += [question[last:start], SLOT]
        last = end
    text = "".join([*pieces, question[last:]])
    text = ODD_MEANING.sub("什么意思", _QUOTES.sub("", text))
    text = END.sub("", _SPACE.sub(" ", text).strip())
    # `AM（Account Manager）是什么` names one term twice: it is one term for the shape.
    text = re.sub(rf"{SLOT} ?[(（]{SLOT}(?:[，,、 ]*{SLOT})*[)）]", SLOT, text)
    return text.replace(" ", "") if _CJK.search(text) and not spaced else text


def clauses_of(question: str) -> list[tuple[int, int]]:
    """Return where the clauses of `question` begin and end."""
    inner = END.sub("", question)
    bounds = [0, *(found.end() for found in _CLAUSE.finditer(inner)), len(inner)]
    return [(start, end) for start, end in itertools.pairwise(bounds) if inner[start:end].strip()]


def clause_shape(question: str, focus: tuple[int, int], spans: Sequence[tuple[int, int]]) -> str:
    """Return the shape of one clause; `这是什么` after a clause with a term speaks of that term."""
    start, end = focus
    inside = [(a - start, b - start) for a, b in spans if start <= a and b <= end]
    shape = shape_of(question[start:end], inside)
    if not inside and any(b <= start for _, b in spans):
        shape = _IT.sub(f"what is {SLOT}", _THIS.sub(SLOT, shape))
    return shape


def means(question: str, clause: tuple[int, int], spans: Sequence[tuple[int, int]]) -> bool:
    """Whether one clause asks for nothing but what the term in it means."""
    start, end = clause
    inside = [(a - start, b - start) for a, b in spans if start <= a and b <= end]
    return asks_meaning(question[start:end], inside)


def subject_start(focus: tuple[int, int] | None, spans: Sequence[tuple[int, int]]) -> int:
    """Return the character from which on a term is asked about: the clause's own, else the last term before it."""
    if focus is None:
        return 0
    if any(focus[0] <= start < focus[1] for start, _ in spans):
        return focus[0]
    return max((start for start, end in spans if end <= focus[0]), default=0)


def is_definition(shape: str) -> bool:
    """Whether a shape asks what its term means, or how it is written out."""
    pattern = _DEFINITION_ZH if _CJK.search(shape) or shape == SLOT else _DEFINITION_EN
    return SLOT in shape and bool(pattern.fullmatch(shape))


def unknown_abbreviation(question: str, shape: str) -> str:
    """Return the abbreviation of a definition question that no term covers, or nothing."""
    if SLOT in shape:
        return ""
    for found in _ABBREVIATION.finditer(question):
        if is_definition(shape_of(question, [found.span()])):
            return found.group()
    return ""


def wanted_side(shape: str) -> Wanted:
    """Return which side of the glossary row a definition question wants."""
    text = shape.lower()
    if re.search(r"缩写|缩略语|简称|简写|abbreviat|acronym|short form|short for .*\?$", text) and not re.search(
        rf"{SLOT}(?:这|那|该)?个?(?:缩写|缩略语|简称)|的(?:缩写|缩略语|简称|简写)$|(?:abbreviation|acronym) {SLOT}",
        text,
    ):
        return "abbreviation"
    if re.search(r"英文|英语|全称|全名|全写|全拼|english|full (?:name|form)|stands? for|expansion", text):
        return "english"
    if re.search(r"中文|汉语|chinese", text):
        return "chinese"
    return "any"
