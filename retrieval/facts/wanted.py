"""What a question about running text asks for: the kind of value, its measure word, and the words of its subject."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from retrieval.facts.normalize import plain
from retrieval.facts.values import CHINESE_DIGITS

WantedKind = Literal[
    "meaning",
    "times",
    "count",
    "how_often",
    "when",
    "how_long",
    "money",
    "percent",
    "who",
    "where",
    "contact",
    "amount",
    "which_weeks",
    "which",
]

NUMERAL = rf"(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d+)?|[{CHINESE_DIGITS}]+"
_ARABIC = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_ENGLISH_NUMERAL = r"once|twice|thrice|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d+"
_MEASURE = r"个工作日|工作日|个月|个小时|个星期|小时|分钟|秒|次|天|日|周|星期|月|年|人|名|位|个人|台|件|套|份|家|项|条|页|倍|门|节|课时|学时|门课|期|轮|届|种|类|款|层|楼|间|张|本|箱|个|岁|级|km|公里|米|gb|mb|步|级|积分|分"
# Units of nature by how they end (摄氏度, 千瓦, 兆帕, 平方米), and those that end otherwise.
_PHYSICAL = (
    r"[千兆毫]?(?:瓦时|安时|赫兹)|分贝|像素|马力|字节|流明|勒克斯|[摄氏华千兆百十毫厘微纳皮吉太平立方公市英海]{1,3}[度瓦米克升斤里帕伏安赫焦卡寸]"
    r"|[度米升](?![一-鿿]{0,2}[线程数])|[瓦克斤里帕伏安赫焦卡寸](?=[以之内的每或和及至到、，,。；;）)/\s]|$)"
)
_PIECES = (
    r"吨|株|棵|头|只|亩|公顷|户|桶|瓶|袋|包|盒|罐|辆|艘|架|座|栋|幢|趟|场|字|笔|桌|床|把|根|枚|双|批|卷|杯"
)
_UNIT = rf"%|‰|℃|{_PHYSICAL}|°C|美元|欧元|英镑|港[币元]|日元|元(?:[/／每][一-鿿]{{1,3}})?|{_MEASURE}|{_PIECES}|per ?cent\b|degrees\b|(?!(?:a|an|and|are|as|at|by|for|from|if|in|is|it|of|on|or|per|the|to|was|with)\b)[A-Za-z]{{1,6}}(?![A-Za-z])(?:[/²³]\w+)?"
# The lower end of a range: 2至3天 is not 3天.
_FROM = rf"(?:(?:{NUMERAL})\s*(?:%|‰|元|[万亿千百]元?)?\s*(?:至|到|—|–|-|~|～)\s*)?"
_FROM_EN = rf"(?:(?:{_ENGLISH_NUMERAL}) ?(?:to|or|-|–) ?)?"
_SPAN = r"(?:个)?(?:工作日|自然日|小时|分钟|秒|天|日|周|星期|个月|月|季度|年)"
_DAY = r"(?:[次下当本每](?:个)?(?:季度?|月|年))?的?(?:[首次末当本上下隔]|第[一二三]个?)月的?(?:\d{1,2}[日号]|[底初末])|(?:\d{4}年|[次当翌同本]年|下一?年)?\d{1,2}月\d{1,2}[日号]|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{4}年(?:\d{1,2}月)?|\d{1,2}月(?:[上中下]旬|底|初|份)?"
_CLOCK = r"(?:上午|下午|早上|晚上|中午|凌晨)?\s*(?:\d{1,2}[:：]\d{2}|[\d一二三四五六七八九十]{1,3}点(?:半|[\d一二三四五六七八九十]{1,3}分?)?)"
_CYCLE = rf"每(?:个)?(?:天|日|工作日|周|星期|月|季度|年|半年|学期|学年)(?:周[一二三四五六日]|[一二三四五六日天末初底]|的?第[一二三四五六七八九十\d]+(?:个)?(?:周|天|工作日|日)|[{CHINESE_DIGITS}\d]{{1,3}}[日号])*"

_PATTERNS: dict[WantedKind, str] = {
    "which_weeks": r"第[一二三四五六七八九十\d]+(?:个)?(?:周|天|季度|个月|月|工作日)(?:[、，,和及与]\s*第[一二三四五六七八九十\d]+(?:个)?(?:周|天|季度|个月|月|工作日))*",
    "meaning": "",
    "times": rf"{_FROM}(?:{NUMERAL})\s*次|\b(?:{_ENGLISH_NUMERAL})(?: times?)?(?: a| an| per| each| every) (?:day|week|month|quarter|year)\b|\b(?:{_ENGLISH_NUMERAL}) times\b|\b(?:once|twice)\b",
    "how_often": rf"每(?:隔)?(?:{NUMERAL}|半)?(?:个)?(?:工作日|秒|分钟|小时|天|日|周|星期|月|季度|年)[^\s，,。；;]{{0,6}}?(?:{NUMERAL})\s*次|(?:{NUMERAL})\s*次|每(?:隔)?(?:{NUMERAL}|半)?(?:个)?(?:工作日|秒|分钟|小时|天|日|周|星期|月|季度|年)(?:一次)?|\b(?:{_ENGLISH_NUMERAL})(?: times?)?(?: a| an| per| each| every) (?:day|week|month|quarter|year)\b|\b(?:{_ENGLISH_NUMERAL}) times\b|\b(?:once|twice)\b|\bevery (?:(?:{_ENGLISH_NUMERAL}|other) )?(?:seconds?|minutes?|hours?|days?|weeks?|months?|quarters?|years?|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b|\b(?:daily|weekly|monthly|quarterly|yearly|annually|biweekly)\b",
    "when": rf"(?:{_CYCLE})?(?:{_DAY}|{_CYCLE}|周[一二三四五六日]|星期[一二三四五六日天])(?:的)?(?:{_CLOCK})?(?:\s*(?:至|到|—|–|-|~|～)\s*(?:{_DAY}|{_CLOCK}|\d{{1,2}}[日号]|周[一二三四五六日]))?(?:[之以]?[前后内]|起)?|{_CLOCK}(?:\s*(?:至|到|—|–|-|~|～|to|until)\s*{_CLOCK})?|[一-鿿]{{2,4}}前\s*(?:{NUMERAL})\s*{_SPAN}(?:[之以]?内)?|[^\s，,。；;于在应须请]{{0,8}}(?:{NUMERAL})\s*{_SPAN}[之以]?[前内后]|\b(?:\d{{1,2}}(?:st|nd|rd|th)?(?: (?:january|february|march|april|may|june|july|august|september|october|november|december))? ?(?:to|until|and|-|–) ?)?\d{{1,2}}(?:st|nd|rd|th)? (?:january|february|march|april|may|june|july|august|september|october|november|december)(?: \d{{4}})?\b|\b(?:january|february|march|april|may|june|july|august|september|october|november|december) \d{{1,2}}(?:st|nd|rd|th)?(?: ?(?:to|until|and|-|–) ?(?:(?:january|february|march|april|may|june|july|august|september|october|november|december) )?\d{{1,2}}(?:st|nd|rd|th)?)?(?:,? \d{{4}})?\b|\b(?:\d{{1,2}}(?::\d{{2}})?(?: ?[ap]\.?m\.?)? ?(?:to|until|-|–) ?)?\d{{1,2}}(?::\d{{2}})? ?[ap]\.?m\b|\b(?:on|every) (?:mon|tues|wednes|thurs|fri|satur|sun)days?(?: at \d{{1,2}}(?::\d{{2}})?(?: ?[ap]\.?m\b)?)?|\b(?:after|within|in) (?:{_ENGLISH_NUMERAL}) (?:working |business )?(?:hours?|days?|weeks?|months?|years?)\b|\b(?:{_ENGLISH_NUMERAL}) (?:working |business |calendar )?(?:minutes?|hours?|days?|weeks?|months?) (?:before|after|prior to|in advance|ahead)\b|\b(?:19|20)\d{{2}}\b",
    "how_long": rf"永久|长期|(?<![第\d.{CHINESE_DIGITS}]){_FROM}(?:{NUMERAL}|半)\s*{_SPAN}(?:半)?(?:\s*(?:至|到|—|–|-|~|～)\s*(?:{NUMERAL})\s*{_SPAN})?(?:[之以]?内)?|\b{_FROM_EN}(?:{_ENGLISH_NUMERAL}|half an?|an?) (?:(?:working|business|calendar) )?(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?)\b",
    "money": rf"[一-鿿]{{2,4}}的(?:{NUMERAL})\s*倍|(?:{NUMERAL})\s*(?:个?[天日月周]|倍)的?(?:基本|日|月|当[日月])?(?:工资|薪资|薪酬|薪水|租金|房费)|(?:人民币|(?:RMB|CNY|USD|EUR|GBP|HKD|SGD|JPY|AUD)(?![A-Za-z])|[¥￥$€£])\s*(?:{NUMERAL})(?:\s*[万亿千百])?(?:\s*元)?|{_FROM}(?:{NUMERAL})\s*(?:[万亿千百]{{1,2}})?\s*(?:元|块|美元|欧元|英镑|港[币元]|日元|人民币|RMB|CNY|USD|EUR|GBP|dollars?|euros?|pounds?|yuan)(?:\s*[/／每]\s*[\w一-鿿]{{1,4}})?|\d+(?:\.\d+)?\s*[%‰]|百分之[{CHINESE_DIGITS}点]+",
    "percent": rf"{_FROM}\d+(?:\.\d+)?\s*[%‰]|百分之[{CHINESE_DIGITS}点]+|(?:{NUMERAL})\s*(?:折|成|个百分点)|\b\d+(?:\.\d+)? per ?cent\b",
    "contact": r"(?:\+?86[- ]?)?(?:1[3-9]\d{9}|0\d{2,3}[- ]\d{7,8}|400[- ]?\d{3}[- ]?\d{4}|(?<!\d)\d{7,8}(?!\d))(?:\s*(?:转|ext\.?|-)\s*\d{1,6})?|[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|https?://[^\s，。；]+|(?:分机|内线|ext\.?)\s*[:：]?\s*\d{3,6}",
    "who": "",
    "where": "",
    "count": "",
    "which": rf"(?<![A-Za-z0-9./-])(?:[A-Za-z]{{1,4}}\d{{1,6}}\s*(?:至|到|~|～|—|-)\s*[A-Za-z]{{0,4}}\d{{1,6}}|[A-Za-z]+(?:[-_][A-Za-z0-9]+)+|\d+(?:[.-]\d+)*)(?![A-Za-z0-9%.]|-\d)(?!\s*(?:{_MEASURE}|年|日|元|days?|hours?|minutes?))",
    "amount": rf"(?:(?<![A-Za-z])(?:RMB|CNY|USD|EUR|GBP|HKD|SGD|JPY|AUD)\s?|[¥￥$€£]\s?)?(?<![A-Za-z0-9+./\-])[-−]?(?:{_ARABIC})(?:\s*(?:[-—–~～至到]|\bto\b)\s*(?:{_ARABIC}))?\s*(?:[万亿]\s*)?(?:{_UNIT})?|(?<![第{CHINESE_DIGITS}])[{CHINESE_DIGITS}]+(?:{_UNIT})",
}  # fmt: skip

_ASKS: tuple[tuple[WantedKind, str], ...] = (
    ("which_weeks", r"哪几周|第几周|哪几个?[周月天]|第几(?:个)?(?:月|天|季度|工作日)"),
    ("which", r"(?:编号|单号|货号|序列号|合同号)[？?]?$|(?:编号|单号|货号|序列号|合同号|版本号|端口号)(?:是|为)?(?:多少|什么|几|哪)|(?:哪(?:一)?个|什么|几号)(?:端口|接口|header|端点|字段|频道|通道|窗口|版本|port|endpoint|field)|\bwhich (?:[a-z]+ )?(?:port|header|field|channel|endpoint|parameter|version|gate|window)\b|\bwhat port\b"),
    ("percent", r"(?<![功频速斜曲汇])率(?:的)?(?:目标|指标|要求|标准)?(?:值)?(?:是|为|有|要达到|达到|要)?(?:多少|几)|\b(?:rate|percentage)\b.{0,30}\btarget\b"),
    ("money", r"(?:收费|费用|价格|价钱|售价|单价|报价|[费金薪]|工资|补贴|津贴|补助|罚款|奖励)(?:标准|额度|限额|上限)?(?:是|为|要|有|收|给)?多(?:少|高|大)(?!天|个|次|人|年|月|小时|家|名)|多少钱|多少元|(?:扣|罚|赔|退|奖励?|补助?|贴|报销?|缴|交|收|付|给|花|赚|拿)(?:款|掉|还|回|给)?多少(?=[呢啊呀吗?？]*$)|几块钱|花费多少|费用是?多少|价格是?多少|标准是?多少钱|罚款多少|\bwhat (?:does|do|did|would|will)\b.{2,60}\bcosts?\b|\bhow much (?:does|do|is|are|will|did|money)\b|\bhow much\b.*\b(?:cost|fee|price|paid|pay)\b"),
    ("percent", r"百分之(?:几|多少)|(?:比例|折扣|税率|利率|占比|提成|毛利率|完成率|合格率)(?:是|为|有)?(?:多少|几)|几折|多少折|\bwhat percent"),
    ("meaning", r"是(?:什么|啥)(?:错误|故障|报警|问题|代码|意思|情况|原因)|(?:什么|啥)(?:含义|意思)|\bwhat does .{1,40} mean\b|\bwhat (?:error|fault) is\b"),
    ("times", r"几次|多少次|\bhow many times\b"),
    ("how_often", r"多久.{0,8}一次|隔多久|(?:几|多少)(?:个)?(?:年|月|周|星期|天|小时|分钟)[^，,。]{0,6}一[次回]|频率|\bhow often\b|\bhow frequently\b"),
    ("how_long", r"多久|[期间]多长|多长时间|时间(?:上限|限制|是?多[少长久]|最[长短多少])|\b(?:response|recovery|lead|turnaround|delivery) time\b|\b(?:warranty|notice|trial|probation|grace|retention|payment|cooling-off|rental|loan|holding|waiting|filing|storage) period\b|多少(?:个)?(?:天|小时|分钟|工作日|个月|周|年)|几(?:个)?(?:天|小时|分钟|工作日|个?月|周|年|个?星期)|时长|期限|年限|有效期|保修期|质保期|\bhow long\b|\bhow late (?:was|were|did)\b|\bhow (?:soon|quickly|far in advance)\b|\b(?:how much|what) notice\b|\bhow many (?:working |business )?(?:seconds|minutes|hours|days|weeks|months|years)\b"),
    ("when", r"\b(?:which|what) (?:year|month|day|week|date)\b|\bhow (?:late|early) (?:can|may|must|should|do|does|will|in)\b|\bhow (?:late|early) (?:is|are)\b.*\bopen\b|\bdeadline\b|什么时候|什么时间|何时|几点|哪天|哪一天|几号|几月|哪年|哪一年|星期几|周几|截止(?:日期|时间)|(?:日期|时间)是|^when\b|\bwhen (?:is|are|was|were|do|does|did|will|can|could|should|must|may|has|have)\b|\bwhat (?:time|date|day)\b"),
    ("contact", r"(?:电话|热线|手机|邮箱|邮件|分机|网址|联系方式|号码)(?:号码|号|地址)?(?:是|为)?(?:多少|什么|几号|$)|怎么联系|\b(?:phone|telephone|email|hotline|extension|url|website)\b"),
    ("who", r"谁|哪位|哪个部门|哪个岗位|什么部门|什么人|何人|\bwho\b|\bwhom\b|\bwhich (?:department|team|person)\b"),
    ("where", r"哪里|哪儿|在哪|何处|什么地方|什么地点|地点是|\bwhere\b"),
    ("percent", r"(?:(?<![功频速斜曲汇])率|比例)(?:[^，,。]{0,2}(?:最低|最高|不低于|至少))?(?:要求|标准)?$|\bwhat\b.{0,40}\b(?:percentage|rate)\b"),
    ("count", rf"(?:几|多少)(?:{_MEASURE})|\bhow many\b"),
    ("amount", r"多少|几|多长|(?:[总金数]额|数量|端口|线数|尺寸|容量|分辨率|功率|内存|大小)$|\b(?:size|port|limit|price|rate)\W*$|(?:最低|最高|最大|最小|最少|最多)[^，,。]{0,4}$|(?:限额|额度|标准值|容差|偏差)$|(?:度|率|量|压|值|数|比|时间)(?:的)?要求$|\bwhat (?:[a-z]+ )?(?:temperature|pressure|luminance|brightness|resolution|size|weight|speed|voltage|humidity|thickness|width|height|length|depth|distance|volume|capacity|limit|score|ratio|dose|dosage|angle)\b|\bwhat (?:minimum|maximum)\b|\bwhat(?:'s| is| are| was| were) the (?:[\w-]+ ){0,4}(?:limit|price|fee|cost|allowance|subsidy|budget|amount|number|temperature|size|speed|weight|score|quota|surcharge)s?\b|多大|多高|多重|多快|上限|下限|\bhow (?:much|big|large|high|heavy|fast|tall|wide)\b|\bwhat (?:is|are) the (?:maximum|minimum|limit|number|amount|size|weight|speed|temperature)\b"),
)  # fmt: skip
_COMPILED = tuple((kind, re.compile(pattern)) for kind, pattern in _ASKS)
_QUESTION_WORDS = re.compile(
    r"多久.{0,2}一次|隔多久|第几(?:个)?(?:周|月|天|季度)?|哪几(?:个)?[周月天]?|百分之几|百分之多少|什么时候|什么时间|什么地方|什么地点|什么部门|什么人|多长时间|多少钱|多少次|多少(?:个)?(?:" + _MEASURE + r")?|几(?:个)?(?:"
    + _MEASURE + r"|点|号|块钱|折)?|多久|多长|多大|何时|何处|何人|哪一?(?:个(?:教室|会议室|房间|地方|部门|岗位)?|[天年位里儿家些种])|星期几|周几|请问|"
    r"\b(?:how (?:often|many times|many|much notice|much|long|frequently|big|large|high|fast|late|early|soon|quickly|far in advance)|what|when|where|who|whom|which|does|do|did|is|are|was|were|will|the|a|an|of|in|on|at|for|to|by|with|take place|takes place|happen|happens|held|be|each|our|we|you|i|it|there|have|has|time|must|should|can|may|get|cost|costs|until|per|long|maximum|minimum)\b"
)  # fmt: skip
_STOP_WORDS = frozenset(
    [
        "是",
        "为",
        "的",
        "了",
        "吗",
        "呢",
        "呀",
        "啊",
        "有",
        "在",
        "于",
        "由",
        "要",
        "会",
        "能",
        "和",
        "与",
        "及",
        "或",
        "把",
        "被",
        "对",
        "从",
        "到",
        "给",
        "让",
        "就",
        "都",
        "也",
        "还",
        "又",
        "开",
        "办",
        "上",
        "里",
        "内",
        "中",
        "去",
        "收",
        "补",
        "找",
        "说",
        "谁",
        "怎么",
        "如何",
        "是否",
        "一般",
        "通常",
        "大概",
        "大约",
        "我们",
        "公司",
        "你们",
        "咱们",
        "需要",
        "应该",
        "应当",
        "可以",
        "能够",
        "进行",
        "举行",
        "举办",
        "开展",
        "安排",
        "规定",
        "要求",
        "一共",
        "总共",
        "分别",
        "目前",
        "现在",
        "最多",
        "最少",
        "至少",
        "不超过",
        "按",
        "根据",
        "里面",
        "其中",
        "一次",
        "安排在",
        "定在",
        "多少",
        "几",
    ]
)
_BACKWARDS = re.compile(
    r"^(?:请问|公司|单位|我们|咱们)?(?P<n>每月几号|几号|哪一?天|什么时候|什么时间|何时|几点)(?P<v>发放?|交|缴|领|付|扣|退|报|还)(?P<o>[一-鿿]{2,6})[呢啊呀?？]*$"
)
_DONE_WHEN = re.compile(
    r"^(?:请问|公司|单位|我们|咱们)?(?P<v>发放?|交|缴|领|付|扣|退|报|还)(?P<o>[一-鿿]{2,6}?)(?:都)?(?:是|在)(?P<n>每月几号|几号|哪一?天|什么时候|什么时间|何时|几点)[呢啊呀?？]*$"
)
_SAME = (
    (re.compile(r"(?P<n>多少|几)(?:个|名|位)?(?:员工|职员|雇员|同事)"), r"\g<n>人"),
    (re.compile(r"几回|几趟|几遍|几场"), "几次"), (re.compile(r"多少回|多少场"), "多少次"),
    (re.compile(r"每一?个?月份?|一个月(?=.{0,4}(?:几|多少))"), "每月"), (re.compile(r"每一?个?(?:星期|礼拜)|每一周|一[周个]?(?:星期|周)(?=.{0,4}(?:几|多少))"), "每周"),
    (re.compile(r"一(?=(?:班|次|人|晚|天|台|套|间|节|期)(?:培训|课)?(?:最多|最少|能|可以|有|上)?(?:几|多少))"), "每"),
    (re.compile(r"每一年|一年(?=.{0,4}(?:几|多少))"), "每年"),
)  # fmt: skip


_MEASURES_EN = {
    "employee": "人|名|位", "people": "人|名|位", "person": "人|名|位", "staff": "人|名|位", "participant": "人|名|位", "user": "人|名|用户",
    "day": "工作日|天|日", "hour": "小时|课时", "month": "月", "year": "年", "week": "周|星期", "time": "次", "visit": "次", "copie": "份",
    "page": "页", "step": "步|步骤", "seat": "席|个", "device": "台|套", "machine": "台|套", "point": "分",
}  # fmt: skip
_NO_VALUE = re.compile(
    r"为什么|为何|为啥|哪(?:些|几个)(?:城市|国家|省份?|地方|地区)|\b(?:which|what) (?:cities|countries|places|provinces)\b|(?<!出)差多少|相差|怎么界定|有(?:什么|何)(?:区别|不同|差别)|哪几(?:个|项|条)?(?:步骤|步|环节|方面|点|项)|^(?:why|explain|describe|compare)\b"
)
_CONTACT_WORDS = frozenset(
    {"电话", "号码", "邮箱", "邮件", "网址", "联系方式", "phone", "number", "email", "telephone"}
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a question wants: a kind of value, for counts its measure word, and the words its subject is made of.

    `beside` are the subject's words likeliest to stand at the value: right after the question word, the first, right
    before; `after` is one that follows without a gap: 及格 in 多少分及格.
    `question_words` are the words of the question phrase itself (哪个端口: 端口); `text` is the question in plain form.
    """

    kind: WantedKind
    measure: str
    subject: tuple[str, ...]
    beside: tuple[str, ...] = ()
    after: str = ""
    question_words: tuple[str, ...] = ()
    text: str = ""


def counts_by_itself(measure: str) -> bool:
    """Whether a counted English word stands for a measure word of Chinese (people, days), so that it need not be said again."""
    return measure.rstrip("s") in _MEASURES_EN or measure in _MEASURES_EN


def in_written_order(question: str) -> str:
    """A question whose thing stands behind the question word and the verb, in the order in which rules are written: 工资几号发 for 几号发工资."""
    for pattern in (_BACKWARDS, _DONE_WHEN):
        question = pattern.sub(r"\g<o>\g<n>\g<v>", question.strip())
    return question


def wanted(question: str) -> Wanted | None:
    """What `question` asks for, or None when it asks for no single value."""
    text = plain(question).rstrip("?？。.!！ ")
    for pattern, usual in _SAME:
        text = pattern.sub(usual, text)
    kind = next((name for name, pattern in _COMPILED if pattern.search(text)), None)
    if kind is None or _NO_VALUE.search(text):
        return None
    match = re.search(rf"(?:几|多少)({_MEASURE})", text)
    measure = match[1] if match else ""
    if kind == "count" and not measure:
        english = re.search(r"how many ([a-z]+)", text)
        measure = english[1] if english else ""
    subject = subject_words(text, measure)
    if kind == "contact":
        subject = tuple(re.sub(r"(?<=..)(?:电话|号码|邮箱)$", "", word) for word in subject)
        subject = tuple(word for word in subject if word not in _CONTACT_WORDS) or subject
    if kind == "meaning":
        subject = tuple(
            word for word in re.findall(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*", text) if any(c.isdigit() for c in word)
        )
    stretch = next(m for n, pattern in _COMPILED if n == kind and (m := pattern.search(text)))[0]
    bare = re.sub(r"^(?:哪一?个|什么|几号)|(?:是|为)?(?:多少|什么|几|哪)$", "", stretch)
    words = (*re.findall(r"[a-z]+", stretch), bare)
    beside, after = _beside(text, kind, subject)
    return Wanted(kind, measure, subject, beside, after, words, text)


def _beside(text: str, kind: WantedKind, subject: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """The subject's word after the question word, its first one and the one before the question word; and one that follows it at once."""
    match = next((m for name, pattern in _COMPILED if name == kind and (m := pattern.search(text))), None)
    if match is None:
        return (), ""
    after = [word for word in subject if 0 <= text.find(word, match.end()) - match.end() <= 2]
    before = [
        word
        for word in subject
        if match.start() - 4 <= text.rfind(word, 0, match.start()) + len(word) <= match.start()
        and text.rfind(word, 0, match.start()) >= 0
    ]
    # 线条稿分辨率多少: what sets it apart comes first in Chinese.
    first = [word for word in subject[:1] if not word.isascii()]
    return tuple(dict.fromkeys((*after[:1], *first, *before[-1:]))), next(
        (word for word in subject if text.startswith(word, match.end())), ""
    )


def subject_words(text: str, measure: str = "") -> tuple[str, ...]:
    """The words of a folded question that say what it is about."""
    import rjieba

    rest = _QUESTION_WORDS.sub(" ", text)
    words: list[str] = []
    for piece in re.split(r"[\s,，、;；:：?？!！()（）\"“”《》]+", rest):
        words.extend(_joined([word for word in rjieba.cut(piece) if word.strip() and word not in _STOP_WORDS]))
    words = [w for w in words if w not in _STOP_WORDS]
    kept = [w for w in words if (len(w) > 1 or w.isdigit()) and w != measure and re.search(r"\w", w)]
    return tuple(dict.fromkeys(kept))


def _joined(words: list[str]) -> list[str]:
    """Words with single characters that stand side by side put together: 年 假 is 年假."""
    joined: list[str] = []
    single = False
    for word in words:
        alone = len(word) == 1 and not word.isascii()
        if alone and single:
            joined[-1] += word
        else:
            joined.append(word)
        single = alone
    return joined


@cache
def value_pattern(kind: WantedKind, measure: str) -> re.Pattern[str]:
    """What a value of the kind looks like in a sentence (who and where are read by their own rules)."""
    if kind == "count":
        word = re.escape(measure) if measure else _MEASURE
        if measure.isascii() and measure:
            stem = measure.rstrip("s")
            chinese = _MEASURES_EN.get(stem, _MEASURE)
            return re.compile(
                rf"\b(?:{_ENGLISH_NUMERAL}|{NUMERAL})\b(?: \w+)? {re.escape(stem)}s?\b|(?:{NUMERAL})\s*(?:个)?(?:{chinese})",
                re.I,
            )
        people = "(?:个)?(?:人|名|位)" if measure in {"人", "名", "位", "个人"} else f"(?:个)?(?:{word})"
        return re.compile(rf"{_FROM}(?:{NUMERAL})\s*{people}")
    return re.compile(_PATTERNS[kind], re.I)
