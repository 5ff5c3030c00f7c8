"""The rules that complete a follow-up from the question before it, one for each way in which it may lean on it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from router.completion import Completion, Piece, around, completion
from router.fact import answer_fact
from router.followups import is_attribute, is_glossary_field
from router.grounding import content_units, content_words, passage_text, support, uncovered
from router.parallel import with_counterpart
from router.questions import read_question
from router.term import readings
from router.topics import Topic, senses_of
from terminology.normalize import fold_key

if TYPE_CHECKING:
    from router.followups import FollowUp
    from router.questions import Language
    from router.topics import Lanes
    from router.types import Option, Query
    from terminology.types import Sense

# One passage must cover so much of topic and question together before a doubtful question is read as a follow-up.
_TOGETHER = 0.8
_LOOKED_AT = 5
_DOCUMENT = re.compile(
    r"(?:文件|文档|制度|手册|资料|规范|报告|合同|协议|邮件|纪要|指南|表格?|document|file|policy|guide|manual|report)",
    re.IGNORECASE,
)
_FIELDS = (
    (re.compile(r"abbreviat|acronym|缩写|简称|缩略语", re.IGNORECASE), ("缩写", "abbreviation")),
    (re.compile(r"chinese|中文|汉语", re.IGNORECASE), ("中文", "Chinese name")),
    (re.compile(r"english|full|英文|英语|全称|全名", re.IGNORECASE), ("英文全称", "full name")),
)
# Asks what comes of something, whatever it is.
_OUTCOME = re.compile(r"怎么办|怎么处理|会怎么样|有?什么后果|后果")
_BRACKETS = re.compile(r"\s*[（(\[].*$")
# 窗口数 is asked for as 有几个窗口.
_COUNTED = re.compile(r"(?:数量|个数|数)$")
_OVERALL = re.compile(
    r"一共|总共|共有|合计|总计|全部|所有|平均|哪[个家些]|\b(?:total|altogether|all|average|which)\b",
    re.IGNORECASE,
)
_HAN = re.compile(r"[\u3400-\u9fff]")


class Lookback(Topic):
    """The question before, and the rules that complete the one after it."""

    def __init__(self, lanes: Lanes, earlier: Query, query: Query) -> None:
        super().__init__(lanes, earlier)
        self._offered = query.options
        self._documents = query.documents

    def complete(self, query: Query, follow_up: FollowUp, *, known: bool) -> Completion | None:
        """Complete `query` by the rule for its kind of follow-up; None where there is nothing to complete it with."""
        question = query.question
        rest = Piece(question[follow_up.lead :], follow_up.lead, len(question))
        new = Piece(question[follow_up.start : follow_up.end].strip(), follow_up.start, follow_up.end)
        new = replace(new, end=new.start + len(new.text))
        match follow_up.kind:
            case "choice":
                return self._choice(follow_up.number)
            case "substitute" if known and self.defines:
                # ETD is a column of tables too; after a meaning was asked for, its meaning is.
                return self._substituted(new, known=known)
            case "substitute":
                return self._attribute_of(new, query) or self._substituted(new, known=known)
            case "narrow":
                return self._sense(new) or self._narrowed(new) or self._substituted(new, known=known)
            case "refer":
                return self._referred(question, follow_up)
            case "previous" | "part":
                return self._pointed(question, follow_up, rest)
            case "compare":
                return self._joined(rest, "a comparison with what was asked before")
            case _:
                return self._doubtful(rest, query, attribute=follow_up.kind == "attribute")

    def same_row(self, query: Query) -> Completion | None:
        """`收取对象是谁`: completed where that names a column of the row that was asked about before, and nothing else."""
        rows = self.rows
        if rows.status != "found" or len({fact.row for fact in rows.facts}) != 1:
            return None
        alone = self._lanes.tables.query(query.question, groups=query.groups)
        # A figure over all rows is not what is asked after one row was spoken of: 有几个窗口.
        if alone.status == "found" and (not alone.computed or _OVERALL.search(query.question)):
            return None
        pieces = (Piece(f"{self.topic}的"), Piece(query.question, 0, len(query.question)))
        found = self._lanes.tables.query("".join(piece.text for piece in pieces), groups=query.groups)
        same = {(fact.table_id, fact.row) for fact in rows.facts}
        columns = [_BRACKETS.sub("", fact.column) for fact in found.facts if (fact.table_id, fact.row) in same]
        names = {name for column in columns for name in (column, _COUNTED.sub("", column)) if len(name) > 1}
        named = [name for name in names if name in query.question]
        if found.status == "found" and any(not content_words(query.question.replace(c, " ")) for c in named):
            return completion(pieces, "asks for another column of the row that was asked about before")
        return None

    def _choice(self, number: int) -> Completion | None:
        """`第二个`: the second of the options that were offered."""
        options = self._offered or self._options()
        if not 1 <= number <= len(options):
            return None
        question = options[number - 1].question
        chosen = tuple(
            (fold_key(term.match.surface), sense.id)
            for term in self.terms
            for sense in senses_of(term)
            if len(senses_of(term)) > 1 and names_sense(question, sense)
        )
        return Completion(question, (Piece(question),), f"option {number} of those offered", chosen[:1])

    def _options(self) -> tuple[Option, ...]:
        language: Language = "zh" if self.zh else "en"
        for term in self.terms:
            if len(senses_of(term)) > 1:
                return readings(term, language, self.question)
        if self.rows.status == "several":
            return answer_fact(self.rows, self.question, language).options
        return ()

    def _attribute_of(self, new: Piece, query: Query) -> Completion | None:
        """`电话呢？` asks another thing of the same subject; `企业版的目录价呢` another thing of another subject."""
        if is_attribute(new.text):
            return self._of_topic(new, f"{new.text!r} of what was asked about before")
        if _HAN.search(new.text) and "的" in new.text:
            owner, _, attribute = new.text.rpartition("的")
            if is_attribute(attribute) or attribute == self.rows.column:
                name = with_counterpart(owner, self.topic, (), known=False) or owner
                cut = new.start + len(owner)
                pieces = (
                    *around(name, Piece(owner, new.start, cut)),
                    Piece(f"的{attribute}", cut, new.end),
                    Piece("是什么"),
                )
                return completion(pieces, f"{owner!r} in the place of what was asked about before")
        found = self._lanes.tables.query(f"{self.topic}的{new.text}", groups=query.groups)
        same = {fact.row for fact in found.facts} & {fact.row for fact in self.rows.facts}
        if found.status == "found" and same and any(new.text in fact.column for fact in found.facts):
            return self._of_topic(new, f"the column {new.text!r} of the same row")
        return None

    def _of_topic(self, new: Piece, reason: str) -> Completion | None:
        if not self.zh and not _HAN.search(new.text):
            return completion((Piece("What is the "), new, Piece(f" of {self.topic}?")), reason)
        return completion((Piece(f"{self.topic}的"), new, Piece("是什么")), reason)

    def _substituted(self, new: Piece, *, known: bool) -> Completion | None:
        """`那建行呢？`: the question before, with the new name in the place of its counterpart."""
        row = self._other_row(new)
        if row is not None:
            return completion(
                around(row, new), f"{new.text!r} in the place of the row that was asked about before"
            )
        spans = [(term.match.start, term.match.end) for term in self.terms]
        text = with_counterpart(new.text, self.question, spans, known=known)
        if text is None:
            subject = next(
                (name for name in (self.rows.subject, self.subject) if name and name in self.question), ""
            )
            text = self.question.replace(subject, new.text, 1) if subject else f"{new.text}，{self.question}"
        return completion(
            around(text, new), f"{new.text!r} in the place of its counterpart in the question before"
        )

    def _other_row(self, new: Piece) -> str | None:
        """The question before with `new` in the place of the whole name of the row that answered it, if that names a row too.

        `那陪产呢` after 婚假几天 leaves out what the two names end in.
        """
        labels = {fact.label for fact in self.rows.facts} if self.rows.status == "found" else set()
        name = labels.pop() if len(labels) == 1 else ""
        if len(name) < 2 or name not in self.question or not _HAN.search(new.text):
            return None
        for other in dict.fromkeys((new.text, new.text + name[-1])):
            text = self.question.replace(name, other, 1)
            if self._lanes.tables.query(text, groups=self._earlier.groups).status == "found":
                return text
        return None

    def _sense(self, new: Piece) -> Completion | None:
        """`印前的` after a term with several senses: the one that it describes."""
        for term in self.terms:
            senses = senses_of(term)
            if len(senses) < 2:
                continue
            shares = [support(content_units(new.text), [_described(sense)]) for sense in senses]
            best = max(shares)
            if best >= 0.5 and shares.count(best) == 1:
                at = shares.index(best)
                language: Language = "zh" if self.zh else "en"
                question = readings(term, language, self.question)[at].question
                chosen = ((fold_key(term.match.surface), senses[at].id),)
                return Completion(question, (Piece(question),), f"{new.text!r} chooses a sense", chosen)
        return None

    def _narrowed(self, new: Piece) -> Completion | None:
        """`澧栎农商行的` after several rows fitted: the name in full, so that one row is left."""
        if self.rows.status != "several" or not self.rows.subject:
            return None
        subject = self.rows.subject
        if subject not in self.question or new.text in self.question:
            return None
        text = self.question.replace(subject, f"{new.text}{subject}", 1)
        return completion(around(text, new), f"{new.text!r} narrows what was asked before")

    def _referred(self, question: str, follow_up: FollowUp) -> Completion | None:
        """`它的英文全称？`: the topic in the place of the pronoun; `这个项目` takes the noun with it."""
        start, end = follow_up.start, follow_up.end
        pronoun = question[start:end]
        topic = self.topic
        if not topic:
            return None
        noun = _noun_after(question, end)
        if _DOCUMENT.fullmatch(noun) and self._documents and noun not in topic:
            topic, end = f"《{self._documents[0]}》", end + len(noun)
        elif noun and noun in topic:
            topic, end = topic[: topic.rindex(noun) + len(noun)], end + len(noun)
        elif noun and noun in self.head:
            topic, end = self.head[: self.head.rindex(noun) + len(noun)], end + len(noun)
        if self.terms and pronoun.isascii() and is_glossary_field(question[end:]):
            return self._field(topic, Piece(question[end:], end, len(question)), Piece(topic, start, end))
        latin = pronoun.isascii()
        if pronoun.casefold() == "there":
            topic = f"in {topic}"
        elif latin and pronoun.casefold() in {"its", "their", "his", "her"}:
            topic = f"{topic}'s"
        elif pronoun.startswith("其"):
            topic = f"{topic}的"
        pieces = (
            Piece(question[follow_up.lead : start], follow_up.lead, start),
            Piece(topic, start, end),
            Piece(question[end:], end, len(question)),
        )
        return completion(pieces, f"{pronoun!r} stands for {topic!r}")

    def _pointed(self, question: str, follow_up: FollowUp, rest: Piece) -> Completion | None:
        """`上一条的第二步详细说说`: what was asked before, and which part of it."""
        if follow_up.kind == "part":
            return self._joined(rest, "a part of what was asked before", whole=True)
        before = Piece(question[follow_up.lead : follow_up.start], follow_up.lead, follow_up.start)
        after = Piece(question[follow_up.end :], follow_up.end, len(question))
        pieces = (before, Piece(self.head, follow_up.start, follow_up.end), after)
        return completion(
            pieces, f"{question[follow_up.start : follow_up.end]!r} points to the question before"
        )

    def _joined(self, rest: Piece, reason: str, *, whole: bool = False) -> Completion | None:
        topic = self.head if whole else self.topic
        if not topic:
            return None
        if self.zh or _HAN.search(rest.text):
            link = "" if rest.text[:1] in "跟和与同比的" else "，" if topic.isascii() or whole else ""
            return completion((Piece(f"{topic}{link}"), rest), reason)
        return completion((Piece(f"{topic}: "), rest), reason)

    def _doubtful(self, rest: Piece, query: Query, *, attribute: bool) -> Completion | None:
        """`责任人是谁`, `那认证是怎么做的`: completed only where rows or one passage know topic and question together."""
        topic = self.topic
        if not topic or uncovered(content_units(topic), [topic]) or topic in query.question:
            return None
        if attribute and self.terms and is_glossary_field(rest.text):
            return self._field(topic, rest)
        alone = self._lanes.tables.query(query.question, groups=query.groups)
        if alone.status == "found":
            return None
        if attribute and rest.start > 0:
            # It joins on (那风险有哪些), and names nothing of its own.
            return completion((Piece(f"{topic}的"), rest), "asks about an attribute of the same subject")
        link = "的" if attribute and _HAN.search(rest.text) else " " if rest.text.isascii() else ""
        text = f"{topic}{link}{rest.text}"
        if attribute:
            found = self._lanes.tables.query(text, groups=query.groups)
            if found.status == "found" and {f.row for f in found.facts} & {f.row for f in self.rows.facts}:
                return completion(
                    (Piece(f"{topic}{link}"), rest), "asks more of the row that was asked about before"
                )
        if self._known_together(topic, rest.text, query):
            return completion((Piece(f"{topic}{link}"), rest), "asks more about the same subject")
        return None

    def _field(self, topic: str, rest: Piece, stand_in: Piece | None = None) -> Completion | None:
        """`英文全称是什么`: that field of the row; in words that the term road reads, whatever was mixed in the question."""
        reason = "a field of the term that was asked about before"
        pieces = (Piece(f"{topic}的"), rest)
        spans = [(0, len(topic))]
        if stand_in is None and read_question("".join(piece.text for piece in pieces), spans).definition:
            return completion(pieces, reason)
        latin = rest.text.isascii()
        term = stand_in or Piece(topic)
        field = next((names for pattern, names in _FIELDS if pattern.search(rest.text)), ("意思", "meaning"))
        before, after = (f"What is the {field[1]} of ", "?") if latin else ("", f"的{field[0]}是什么？")
        return completion((Piece(before), term, Piece(after)), reason)

    def _known_together(self, topic: str, text: str, query: Query) -> bool:
        """Whether one passage holds topic and question, and the question alone does not lead elsewhere."""
        own, about = content_units(_OUTCOME.sub(" ", text)), content_units(topic)
        if not own:
            return False
        groups = query.groups
        together = self._lanes.search.search(f"{topic} {text}", top_k=_LOOKED_AT, groups=groups)
        texts = [passage_text(passage) for passage in together]
        shares = [min(support(own, [each]), support(about, [each])) for each in texts]
        if not shares or max(shares) < _TOGETHER:
            return False
        home = together[shares.index(max(shares))].document.id
        alone = self._lanes.search.search(text, top_k=1, groups=groups)
        elsewhere = [p for p in alone if p.document.id != home and support(own, [passage_text(p)]) >= _TOGETHER]
        return not elsewhere


def _described(sense: Sense) -> str:
    parts = (sense.chinese, sense.english, sense.department, sense.note, *sense.aliases, *sense.examples)
    return " ".join(parts)


def _noun_after(question: str, at: int) -> str:
    """The noun that a demonstrative belongs to: 项目 of 这个项目有什么风险; empty where none follows."""
    latin = re.match(r"\s+([a-z]+)", question[at:])
    if latin:
        return latin[0]
    import rjieba

    for word, tag in rjieba.tag(question[at : at + 12])[:1]:
        return str(word) if tag[:1] in {"n", "v"} and _HAN.search(word) else ""
    return ""


def names_sense(question: str, sense: Sense) -> bool:
    """Tell whether `question` holds a full name of `sense`."""
    folded = question.casefold()
    return any(name and name.casefold() in folded for name in (sense.chinese, sense.english))
