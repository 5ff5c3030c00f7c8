"""Reads the form of a question: is it a definition, does it ask for a value, an explanation, or something else."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from router.definitions import (
    COMPARED,
    END,
    ODD_MEANING,
    SLOT,
    WHAT_EACH,
    Wanted,
    clause_shape,
    clauses_of,
    is_definition,
    means,
    shape_of,
    subject_start,
    unknown_abbreviation,
    wanted_side,
)
from router.file_kinds import asks_for_files
from router.meaning import asks_meaning

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from router.classify import Intent

Language = Literal["zh", "en"]

_CJK = re.compile(r"[\u3400-\u9fff]")
# An English word may stand right beside a Chinese character: 有什么difference.
_FOLDED = re.IGNORECASE | re.ASCII
_LIST_PREFIX = re.compile(
    r"(?:以|用)?[“\"'「]?(?P<zh>[A-Za-z0-9]{1,6})[”\"'」]?(?:字母)?(?:开头|打头|起头|开始)的?(?:所有|全部)?(?:英文)?(?:缩略语|缩写|术语|简称|词)"
    r"|(?:缩略语|缩写|术语|简称)(?:是|有|里)?(?:以)?[“\"'「]?(?P<zh2>[A-Za-z0-9]{1,6})[”\"'」]?(?:字母)?(?:开头|打头|起头|开始)"
    r"|(?:首字母|第一个字母|开头的?字母|头一个字母)(?:是|为|用)?[“\"'「]?(?P<zh3>[A-Za-z0-9]{1,3})[”\"'」]?(?:字母)?(?:开头|打头)?的?(?:所有|全部)?(?:英文)?(?:缩略语|缩写|术语|简称|词)"
    r"|(?<![A-Za-z])(?P<zh4>[A-Za-z])(?:字母|这个字母|字头|字)(?:下面?|里面?|底下)?的?(?:所有|全部)?(?:英文)?(?:缩略语|缩写|术语|简称|词)(?:有|都|列|是哪)"
    r"|(?:缩略语|缩写|术语|简称)(?:表|列表|清单)?(?:里面?|中)?(?:的|有)?[“\"'「]?(?P<zh5>[A-Za-z])[”\"'」]?(?:字母|字头|打头|开头)"
    r"|(?:abbreviations?|acronyms?|terms?)\s+(?:that\s+)?(?:start|starting|begin|beginning|starts|begins)\s+with\s+[\"']?(?P<en>[A-Za-z0-9]{1,6})",
    re.IGNORECASE,
)
_VALUE = re.compile(
    r"(?<!的)叫(?:什么|啥)(?:名字?|名称)[？?呢啊\s]*$|多少|(?<![好哪])几[次个天人年月点号周期名份台层楼家条张元块岁遍轮级种款笔套项页]|几(?:小时|分钟|工作日|位数)|第几|何时|什么时候|什么时间|啥时候|"
    r"哪[天年月日周]|哪一[天年月日周]|星期几|周几|几月|几号|日期|截止|谁|哪位|哪个人|多久|多长|多大|多高|多远|多快|多重|多宽|"
    r"电话|手机|分机|邮箱|邮件地址|地址|网址|编号|编码|代码|号码|行号|联行号|账号|工号|型号|版本号|价格|单价|售价|报价|费用|金额|"
    r"什么(?:光源|协议|格式|材质|颜色|单位|等级|级别|型号|品牌|牌子|错误码|代码|编号|版本|币种|语言|口味|规格)|"
    r"(?:间隔|时长|尺寸|重量|容量|功率|电压|人数|数量|次数|年限|及格线|分数线|得分|产量|面积|高度|长度|宽度|厚度|速度|浓度|亮度|照度|分辨率|端口)[？?。\s]*$|"
    r"额度|限额|上限|下限|比例|税率|折扣|温度|湿度|频率|频次|周期|期限|时限|有效期|保修期|质保期|在哪|哪里|哪儿|地点|什么地方|哪个(?:城市|部门|银行|省|地方|会议室|仓库|人|版本)|"
    r"\bhow (?:many|much|often|long|far|big|large|soon|frequent)|\bwhen (?:is|are|was|were|do|does|did|will|can|could|should|must|may|has|have)\b|\bwho\b|\bwhom\b|\bwhere\b|"
    r"\bwhat (?:time|date|day|number|code|phone|email|price|address|cost|limit|rate|percentage|version|size)\b|"
    r"\bwhat(?:'s|s| is| are| was)? (?:the |our |its |their )?(?:[\w-]+ ){0,4}(?:price|code|number|phone|email|address|limit|rate|cost|"
    r"date|deadline|fee|size|time|amount|extension|allowance|quota|temperature|version)\b|"
    r"\bwhich (?:day|date|week|month|year|city|bank|department|person|version)|\bphone\b|\bdeadline\b|"
    r"\bwhat (?:was|were) (?:the |our |its |their )?(?:[\w-]+ ){1,3}(?:in|on|at|for|last|this) (?:january|february|march|april|may|june|july|august|september|october|november|december|q[1-4]|20\d\d|week|month|quarter|year)\b",
    _FOLDED,
)
_EXPLAIN = re.compile(
    r"什么时候(?:该|应该|需要|适合)(?:用|选|使用)|什么情况下|(?:要|该|应该|应当|需要)(?:干嘛|干啥|干什么|做什么|做些什么)|如何|怎么办|怎么(?!写|说|拼)|怎样|为什么|为何|为啥|原因|流程是|步骤|介绍|说明|详细|区别|差异|对比|比较|优缺点|优点|缺点|优势|建议|分析|总结|概述|归纳|"
    r"几种(?:途径|方式|方法|办法|渠道|情况|情形|形式|做法)|职责|(?<!谁)(?<!谁来)(?<!由)负责(?!人|谁|的是谁|的?哪[个位家])|哪些|注意事项|应该做|需要做|要做|要求是|内容是|评价|哪几[个项条种点步类]|"
    r"\bhow (?:to|do|does|should|can|is|are)\b|\bwhy\b|\bexplain\b|\bdescribe\b|\bcompare\b|\bsummari[sz]e\b|\bsteps?\b|"
    r"\bdifferences?\b|\bresponsib\w+|\bduties\b|\badvantages?\b|\bpros and cons\b|\boverview\b|\bwhat (?:should|must|happens|steps)\b",
    _FOLDED,
)
# Why something is so, and in which steps something is done, is no single value, whatever else the words are.
_REASON = re.compile(
    r"什么时候(?:该|应该|需要|适合)(?:用|选|使用)|什么情况下|为什么|为何|为啥|怎么回事|谁[^，,。？?]{0,6}(?:什么|啥|哪[些个])|(?:差|区别|不同|差别|好)在哪|[有分]几种(?:途径|方式|方法|办法|渠道|情况|情形|形式|做法)|哪几(?:个|项|条|种|点|步|方面|类)?(?:步骤|步|环节|阶段|方面|点|类|种|项|条)|^(?:why|explain|describe|compare)\b",
    _FOLDED,
)
# A title that ends so wants the whole of it, whatever it names before: 费用报销流程.
_WHOLE = re.compile(r"(?:流程|步骤|办法|方法|做法|汇总|过程|经过|始末|注意事项|操作指引|全过程)[？?。吗呢\s]*$")
_OPEN = re.compile(
    r"(?<!叫)什么|(?<!叫)啥|怎么(?![收算卖计])|怎样|如何|能不能|可不可以|可否|是否|为什么|流程|步骤|哪些|差在哪|有何|\bhow (?:do|does|to|can|should|is|are)\b|\bwhat\b|\bwhy\b",
    _FOLDED,
)
_PARTS = re.compile(r"[，,；;、。？?]|\band\b", _FOLDED)
_WHY = re.compile(r"为什么|为何|为啥|怎么会|什么原因|\bwhy\b", _FOLDED)
_DIFFERENCE = re.compile(
    r"区别|不同|差别|差异|差在哪|差[了些]?(?:什么|哪些)|不一样|对比|相比|\bcompare\b|\bdifferen(?:ce|t)|\bversus\b|\bvs\b",
    _FOLDED,
)
_OUTRIGHT = re.compile(
    r"多少|几|谁|哪[天年月日周里儿]|何时|什么时候|多[久长大高]|[更最]|哪个|哪家|\b(?:how|who|when|where|which)\b",
    _FOLDED,
)
_SHORTEST_CLAUSE, _SEVERAL_ASKED = 6, 3
_WH = re.compile(r"什么时候|什么|啥|谁|在?哪|多少|几|怎么|如何|\b(?:what|who|when|where|how)\b", _FOLDED)
_ATTRIBUTE_ZH = re.compile(
    r"的(?P<x>[^的，,。\s]{1,8}?)(?:都|分别)?(?:是|为|有|叫)?(?:什么|多少|哪[个些里]?|几[个号]?|谁|啥)?[呢呀啊]?$"
)
_ATTRIBUTE_EN = re.compile(
    r"(?:please )?(?:(?:what|who)(?:'s| is| are| was)? )?(?:the |our )?(?P<x>[a-z][\w -]{2,40}?) (?:of|for|at|on) \S",
    re.IGNORECASE,
)
_ASKS = re.compile(r"[？?]|什么|多少|几|谁|哪|吗|\b(?:what|how|who|when|where|which)\b", _FOLDED)
_TALK = (
    r"(?:你们?好|您好|大家好|嗨|哈[喽啰罗]|早(?:上好|安|呀|啊)?|上午好|中午好|下午好|晚上好|晚安|(?:非常|多|太)?(?:谢谢|感谢|谢啦|谢了|多谢|3q)(?:你|您|大家)?(?:的帮助|的回答)?|辛苦了?|"
    r"不客气|没事了?|没别的(?:问题)?了?|没有?问题了|(?:那)?(?:先)?就(?:这样|这些|到这)|暂时没有?了|问完了|that'?s (?:all|it)(?: for (?:now|today))?|that is all|no more questions|never ?mind|好的|好嘞|好|行|可以|明白了?|知道了?|了解了?|懂了|收到|原来如此|再见|拜拜|回头见|下次再聊|在吗|在不在|有人吗|"
    r"你(?:是谁|是什么|叫什么(?:名字)?|能做什么|能干什么|会什么|会做什么|能帮我?(?:做什么|什么|干什么)|有什么(?:功能|用)|可以做什么)|你都?(?:能|会|可以)(?:做|干|回答|帮我做)?(?:些)?(?:什么|啥)(?:问题)?|"
    r"(?:怎么|如何)(?:使用|用)(?:你|这个(?:系统|助手|机器人|工具))|(?:我)?(?:该|应该)?(?:怎么|如何)(?:向|跟|和|对)?你(?:提问|问问题|问|说|用)|能问(?:你)?(?:什么|哪些)(?:问题)?|自我介绍(?:一下|下)?|介绍(?:一下|下)?(?:一下)?你自己|"
    r"hi|hello|hey|howdy|greetings|(?:many )?thanks(?: (?:a lot|so much|very much|again|you))?|thank you(?: (?:so much|very much|again))?|thx|cheers|"
    r"good (?:morning|afternoon|evening|night|day)|bye(?: bye)?|goodbye|see you(?: later| tomorrow)?|ok(?:ay)?|great|nice|got it|i see|understood|well done|good job|perfect|"
    r"who are you|what are you|what(?:'s| is) your name|what can (?:you|i) (?:do|help|ask|answer)(?: you)?(?: (?:for me|with|here))?|how can you help(?: me)?|how do i use (?:you|this)|"
    r"how (?:should|do|can) i ask(?: you)?(?: questions?)?|are you (?:there|a robot|human|online)|how are you(?: doing)?(?: today)?|nice to meet you|help)"
)
_SMALL_TALK = re.compile(
    rf"{_TALK}(?:(?:[呀啊吧了啦呢吗嘛哈么哦噢~～!！。，,.、\s]|there|all|everyone|team|guys)*{_TALK}?)*(?:[呀啊吧了啦呢吗嘛哈么哦噢~～]|there|all|everyone|team|guys|\s)*",
    re.IGNORECASE,
)
_FILES_ZH = r"(?:文件|文档|资料|手册|文章|材料|制度文件|表格?|文件名)"
_CATALOGUE = re.compile(
    rf"(?:有|收录了?|包含|还有)?(?:哪些|什么|几[份个篇]|多少[份个篇]?|哪[份个几]{{1,2}}|哪几[份个篇])(?:的)?{_FILES_ZH}(?:里|中|里面)?(?:是|都|有)*(?:讲|关于|涉及|提到|提及|介绍|包含|说到?|写到?|规定|和|跟|与|可以(?:参考|查)|(?:能|能够)?(?:查|找|看)(?:得)?到)"
    rf"|(?:出现|提到|提及|记录?|写)在(?:哪几?|哪些)[份个]?{_FILES_ZH}(?:里|中)?"
    rf"|(?:关于|讲|涉及|提到|有关|跟|和|与)[^？?，,]{{1,20}}?(?:有关|相关)?的?{_FILES_ZH}(?:都)?(?:有哪些|有什么|有多少|有几[份个篇]|是哪些|是哪[份个]|列(?:出来|一下)|有没有)"
    rf"|(?:知识库|资料库|文档库|库)(?:里面?|中|内)?(?:现在|目前|一共|总共|都|共)*(?:有|收录了?|存了?|放了?|包含)(?:哪些|什么|多少[份个篇]?|几[份个篇])(?:文件|文档|资料|手册|内容|东西)"
    rf"|(?:你们?|这|那|系统|平台|库)(?:这|那)?(?:里|儿|边|上)?(?:一共|总共|都|现在|目前)?(?:收|存|放|有)(?:录|集|着|了|下)*(?:哪些|什么|多少[份个篇]?|几[份个篇]){_FILES_ZH}"
    rf"|(?:知识库|资料库|文档库)[^？?，,]{{0,12}}(?:有没有|有无|是否有|有)[^？?，,]{{1,24}}{_FILES_ZH}"
    rf"|(?:关于|有关)[^？?，,]{{1,20}}(?:知识库|资料库|文档库)(?:里面?|中|内)?(?:都)?有(?:什么|哪些)|(?:知识库|资料库|文档库)(?:里面?|中|内)?(?:关于|有关)[^？?，,]{{1,20}}有(?:什么|哪些)"
    rf"|(?:列出|列一下|看看|给我看)?(?:知识库|资料库|文档库)(?:里面?|中|内)?的?(?:全部|所有)的?{_FILES_ZH}|(?:全部|所有)(?:的)?(?:文件|文档)(?:列|清单|目录)"
    rf"|(?:知识库|资料库|文档库)[^？?]{{0,8}}(?:文件名|哪[个份]{_FILES_ZH}|叫什么)|[^？?，,]{{2,20}}(?:写|记|放|规定)?在(?:哪|哪一)[个份]{_FILES_ZH}(?:里|中)?|[^？?，,]{{2,20}}是哪一?[个份]{_FILES_ZH}"
    rf"|(?:方面|相关|有关)的?(?:文件|文档|资料|手册|文章)(?:都)?(?:有哪些|有什么|有吗|有没有|有几[份个篇]|有多少|列一?下|列出来|给我(?:看看|找找|列))"
    rf"|(?:讲|关于|说|写|涉及|介绍)[^？?，,]{{1,20}}的(?:文件|文档|资料|手册|文章)(?:有吗|有没有|列一?下|给我(?:看看|找找|列))"
    rf"|^(?:现在|目前|一共|总共|共|你们?|咱们|我们|库里|这里|都)*(?:收|存|放|上传|入库|有)(?:录|集|着|了|过)*(?:多少|几)[份个篇](?:文件|文档|资料)[？?呢呀\s]*$"
    rf"|(?:how many|what|which|list|show)(?: me)?(?: all| of)?(?: the| our)? (?:documents?|files?)\b|\b(?:is|are) there (?:any |a )?(?:documents?|files?)\b|\bdo (?:we|you) have (?:any |a )?(?:documents?|files?)\b"
    rf"|\bwhere (?:do|can|could|would) (?:i|we) find (?:the |our |an? )?(?:[\w-]+ ){{1,4}}(?:list|file|document|sheet|form)s?\b"
    rf"|\b(?:what|which) (?:is|are) in the knowledge base\b|\bknowledge base (?:contain|hold|have|cover)|\blist (?:all )?(?:the )?(?:documents|files)\b",
    _FOLDED,
)


@dataclass(frozen=True, slots=True)
class QuestionForm:
    """The shape of a question, read by rules alone.

    `definition`: it reduces to one or more known terms and a definition phrase, or ends in such a clause, which then
    begins at character `focus` (what stands before it is context). `wanted`: which side of the
    glossary row is asked. `unknown`: an abbreviation that is asked about but is in no glossary row.
    `prefix`: "which abbreviations start with T". `compare`: two known terms compared. `reason`: why something is so. `mixed`: one value is
    asked for, and something that no value answers. `guessed`: no rule, but a classifier or a model has read it.
    """

    language: Language
    definition: bool = False
    focus: int = 0
    wanted: Wanted = "any"
    unknown: str = ""
    prefix: str = ""
    compare: bool = False
    value: bool = False
    explanation: bool = False
    comparison: bool = False
    reason: bool = False
    mixed: bool = False
    guessed: bool = False
    small_talk: bool = False
    catalogue: bool = False

    @property
    def silent(self) -> bool:
        """Whether no rule has anything to say of the question."""
        said = (self.definition, self.unknown, self.prefix, self.compare, self.value, self.explanation)
        return not any(said) and not self.small_talk and not self.catalogue

    def wanting(self, intent: Intent) -> QuestionForm:
        """Return the form with what a classifier or a model reads in a question on which the rules are silent."""
        return replace(
            self,
            guessed=True,
            definition=self.definition or intent == "definition",
            value=self.value or intent == "value",
            explanation=self.explanation or intent == "explanation",
            small_talk=self.small_talk or intent == "talk",
            catalogue=self.catalogue or intent == "catalogue",
        )


def language_of(text: str) -> Language:
    """Return the language in which a person who wrote `text` wants to be answered."""
    return "zh" if _CJK.search(text) else "en"


def asking_clause(question: str) -> str:
    """Return the last clause that asks something, without what is told before and after it; empty where there is one.

    `周五要去客户那里，先问一下，协议哪天到期？`: the last clause. A clause that names nothing (`能延长几天`) is none.
    """
    clauses = clauses_of(question)
    if len(clauses) < 2:
        return ""
    asking = [question[a:b].strip() for a, b in clauses if _VALUE.search(question[a:b])]
    return asking[-1] if asking and len(asking[-1]) >= _SHORTEST_CLAUSE else ""


def asked_attribute(question: str) -> str:
    """Return the attribute that is asked of something, folded: 地址 of `工作室的地址是什么`, driver of `crane driver of HP-1`."""
    text = END.sub("", question.strip())
    found = _ATTRIBUTE_ZH.search(text) if language_of(text) == "zh" else _ATTRIBUTE_EN.match(text)
    return found["x"].casefold() if found else ""


def read_question(question: str, spans: Iterable[tuple[int, int]] = ()) -> QuestionForm:
    """Read the form of `question`; `spans` are the character ranges of the known terms in it."""
    spans = list(spans)
    shape = shape_of(question, spans)
    whole = is_definition(shape) or asks_meaning(question, spans)
    focus = None if whole else _definition_clause(question, spans)
    definition = focus is not None or whole
    clause = shape if focus is None else clause_shape(question, focus, spans)
    spaced = shape_of(question, spans, spaced=True)
    unknown = "" if definition else unknown_abbreviation(question, shape)
    prefix = _LIST_PREFIX.search(question)
    # 不同纸张的墨量上限有什么差别: an attribute is named, and no value of it asked for.
    compared = bool(_DIFFERENCE.search(spaced)) and not _OUTRIGHT.search(spaced)
    small_talk = bool(_SMALL_TALK.fullmatch(END.sub("", question.strip())))
    return QuestionForm(
        language=language_of(question),
        definition=definition,
        focus=subject_start(focus, spans),
        wanted=wanted_side(clause),
        unknown=unknown,
        prefix=next((letters for letters in prefix.groups() if letters), "") if prefix else "",
        compare=bool(COMPARED.fullmatch(WHAT_EACH.sub("", shape))),
        value=bool(_VALUE.search(spaced)) and not (_REASON.search(spaced) or _WHOLE.search(spaced) or compared),
        explanation=bool(_EXPLAIN.search(spaced) or _WHOLE.search(spaced)),
        mixed=_is_mixed(question),
        comparison=bool(_DIFFERENCE.search(spaced)),
        reason=bool(_WHY.search(spaced)),
        small_talk=small_talk,
        catalogue=bool(_CATALOGUE.search(question)) or asks_for_files(question),
    )


def _is_mixed(question: str) -> bool:
    """Whether one clause asks for a value and another for what no value answers (由谁维护，能不能改), or much is asked at once."""
    parts = [part for part in _PARTS.split(question) if part.strip()]
    asked = [bool(_VALUE.search(part)) for part in parts if _VALUE.search(part) or _OPEN.search(part)]
    return len(set(asked)) > 1 or len(set(_WH.findall(question))) >= _SEVERAL_ASKED


def _definition_clause(question: str, spans: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """Find the clause that asks for a definition, the last one first; what the others say is context.

    A bare term between commas is an enumeration, and another clause that asks for something wins.
    """
    clauses = clauses_of(question)
    if len(clauses) < 2:
        return None
    for start, end in reversed(clauses):
        shape = clause_shape(question, (start, end), spans)
        if shape != SLOT and (is_definition(shape) or means(question, (start, end), spans)):
            others = ODD_MEANING.sub("", question[:start] + "，" + question[end:])
            return None if _VALUE.search(others) and _ASKS.search(others) else (start, end)
    return None
