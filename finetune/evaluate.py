"""Compares base and adapter before and after: each alone, and each with the glossary's candidates, in one table."""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import asdict, dataclass, field
from math import comb
from typing import TYPE_CHECKING, Any, Protocol

from finetune.metrics import bleu, characters, exact, invented, leaked, plain, repeats, rouge, words
from terminology.prompt import abstains, chosen_text, propose_prompt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from finetune.types import Sample
    from terminology.prompt import Message

PAIRS = 10
_DISTRACTORS = "distractors/"


class Speaker(Protocol):
    """A model that can be asked; the terminology model is one."""

    def generate_many(self, prompts: Sequence[Sequence[Message]], max_new_tokens: int = 64) -> list[str]:
        """Return one answer per prompt."""
        ...

    def likelihoods(self, messages: Sequence[Message], completions: Sequence[str]) -> list[float]:
        """Return a score per completion as the answer; the greatest is the model's choice."""
        ...

    def tokens(self, text: str) -> int:
        """Return the length of a text in tokens."""
        ...


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer to one sample: the text, and whether it is right; `chosen` is the candidate chosen, if any was."""

    sample: Sample
    text: str
    right: bool
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class Half:
    """What one model said one way: about known terms, about unknown ones, to general questions; and how fast."""

    known: tuple[Reply, ...] = ()
    unknown: tuple[Reply, ...] = ()
    general: tuple[Reply, ...] = ()
    tokens: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Measured:
    """What one model said `alone` and `offered` the glossary's candidates; `memory` in bytes, the peak until then."""

    alone: Half
    offered: Half
    memory: int = 0


@dataclass(frozen=True, slots=True)
class Arm:
    """One column of the table; shares are 0 to 1, None where nothing was asked.

    With candidates the program answers with the candidate that the model finds likeliest, and unknown abbreviations
    never reach the model: `abstention_by` says whether the model abstained or the glossary had no such term. Texts are
    judged as the model writes them. `parts` has right and asked, by group of questions.
    """

    name: str
    sense_accuracy: float | None
    sense_cases: int
    abstention: float | None
    abstention_cases: int
    abstention_by: str
    abstained_wrongly: float | None
    exact_match: float | None
    bleu_characters: float | None
    bleu_words: float | None
    rouge_1: float | None
    rouge_2: float | None
    rouge_l: float | None
    repeating: int
    leaking: int
    inventing: int
    general_exact: float | None
    general_kept: float | None
    general_same: float | None
    general_cases: int
    tokens_per_second: float | None
    memory: int
    parts: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pair:
    """One question with what was wanted and what each arm answered, by the arm's name."""

    question: str
    term: str
    expected: str
    answers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EvaluationTable:
    """The table before and after, and sample pairs.

    `gained` and `lost`: choices among the candidates that only the adapter, or only the base, got right.
    """

    arms: tuple[Arm, ...]
    pairs: tuple[Pair, ...] = ()
    gained: int = 0
    lost: int = 0

    def arm(self, name: str) -> Arm:
        """Return one column by its name."""
        return next(each for each in self.arms if each.name == name)

    def to_json(self) -> dict[str, Any]:
        """Return the table as JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether an adapter may be offered for use, and why."""

    offered: bool
    why: str


BASE, BASE_OFFERED = "base", "base + candidates"
ADAPTER, ADAPTER_OFFERED = "adapter", "adapter + candidates"


def measure(
    speaker: Speaker, samples: Sequence[Sample], *, limit: int = 200, max_new_tokens: int = 64
) -> Measured:
    """Ask one model all held-out questions, at most `limit` of each sort, spread evenly over the samples."""
    choices = [each for each in samples if each.kind == "choice" and len(each.candidates) > 1]
    real = [each for each in choices if not each.phrasing.startswith(_DISTRACTORS)]
    known = _spread(real or choices, limit)
    unknown = _spread([each for each in samples if each.kind == "abstain"], limit)
    general = _spread([each for each in samples if each.kind == "general" and not each.is_text], limit)
    alone = _alone(speaker, known, unknown, general, max_new_tokens)
    return Measured(alone, _offered(speaker, known, unknown, max_new_tokens), peak_memory())


def compare(base: Measured, adapter: Measured) -> EvaluationTable:
    """Put what base and adapter said to the same questions into one table."""
    columns = (
        (BASE, base.alone, base),
        (BASE_OFFERED, base.offered, base),
        (ADAPTER, adapter.alone, adapter),
        (ADAPTER_OFFERED, adapter.offered, adapter),
    )
    arms = tuple(_arm(name, half, whole.memory, base.alone) for name, half, whole in columns)
    both = list(zip(base.offered.known, adapter.offered.known, strict=True))
    return EvaluationTable(
        arms,
        _pairs({name: half for name, half, _ in columns}),
        gained=sum(after.right and not before.right for before, after in both),
        lost=sum(before.right and not after.right for before, after in both),
    )


def offers(table: EvaluationTable) -> bool:
    """Whether the adapter may be offered for use: only if, with the candidates, it beats the base with them."""
    return judge(table).offered


def judge(table: EvaluationTable) -> Judgement:
    """Say whether the adapter may be offered for use, and why."""
    before, after = table.arm(BASE_OFFERED), table.arm(ADAPTER_OFFERED)
    if before.sense_accuracy is None or after.sense_accuracy is None:
        return Judgement(False, "no choice among senses was asked, so nothing shows that the adapter helps.")
    figures = (
        f"{after.sense_accuracy:.1%} of {after.sense_cases} senses right with the candidates, "
        f"{before.sense_accuracy:.1%} without the adapter ({table.gained} gained, {table.lost} lost"
        f"{_doubt(table.gained, table.lost)})"
    )
    if after.sense_accuracy <= before.sense_accuracy:
        return Judgement(False, f"the adapter does not beat the base: {figures}.")
    if after.leaking > before.leaking:
        return Judgement(False, f"{after.leaking} answers leak the template's tokens; {figures}.")
    return Judgement(True, f"the adapter beats the base: {figures}.")


def _doubt(gained: int, lost: int) -> str:
    """Say so where chance gives such a gain more often than once in twenty (one-sided sign test)."""
    changed = gained + lost
    chance = sum(comb(changed, more) for more in range(gained, changed + 1)) / 2**changed
    return f"; so much is gained by chance in {chance:.0%} of cases" if gained > lost and chance > 0.05 else ""


def peak_memory() -> int:
    """Return the most memory that this process has held, in bytes: of the GPU where torch uses one, else in all."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available() and torch.cuda.max_memory_allocated():
        return int(torch.cuda.max_memory_allocated())
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def names_sense(answer: str, expected: str, candidates: Sequence[str]) -> bool:
    """Whether a free answer names the expected sense, by its whole text or one of its names, and no other one."""
    said = plain(answer)
    own = _names(expected)
    others = {name for each in candidates if each != expected for name in _names(each)} - own
    return any(name in said for name in own) and not any(name in said for name in others)


def _alone(
    speaker: Speaker,
    known: Sequence[Sample],
    unknown: Sequence[Sample],
    general: Sequence[Sample],
    max_new_tokens: int,
) -> Half:
    prompts = [
        *(propose_prompt(each.term, each.question) for each in known),
        *(each.messages() for each in (*unknown, *general)),
    ]
    texts, tokens, seconds = _asked(speaker, prompts, max_new_tokens)
    first, second = texts[: len(known)], texts[len(known) : len(known) + len(unknown)]
    third = texts[len(known) + len(unknown) :]
    return Half(
        tuple(
            Reply(s, text, names_sense(text, s.output, s.candidates))
            for s, text in zip(known, first, strict=True)
        ),
        tuple(Reply(s, text, abstains(text)) for s, text in zip(unknown, second, strict=True)),
        tuple(Reply(s, text, exact(text, s.output)) for s, text in zip(general, third, strict=True)),
        tokens,
        seconds,
    )


def _offered(speaker: Speaker, known: Sequence[Sample], unknown: Sequence[Sample], max_new_tokens: int) -> Half:
    texts, tokens, seconds = _asked(speaker, [each.messages() for each in known], max_new_tokens)
    replies = []
    for sample, text in zip(known, texts, strict=True):
        scores = speaker.likelihoods(sample.messages(), sample.candidates)
        chosen = sample.candidates[max(range(len(scores)), key=scores.__getitem__)]
        replies.append(Reply(sample, text, chosen == sample.output, chosen))
    # The glossary has no such term, so there are no candidates and the model is not asked.
    gated = tuple(Reply(sample, sample.output, right=True) for sample in unknown)
    return Half(tuple(replies), gated, (), tokens, seconds)


def _asked(
    speaker: Speaker, prompts: Sequence[Sequence[Message]], max_new_tokens: int
) -> tuple[list[str], int, float]:
    if not prompts:
        return [], 0, 0.0
    started = time.perf_counter()
    texts = speaker.generate_many(prompts, max_new_tokens)
    seconds = time.perf_counter() - started
    return texts, sum(map(speaker.tokens, texts)), seconds


def _arm(name: str, half: Half, memory: int, base: Half) -> Arm:
    offered = name in (BASE_OFFERED, ADAPTER_OFFERED)
    asked = (*half.known, *half.unknown, *half.general)
    written = half.known if offered else asked
    # A choice is written with its number, a free answer without: what is compared is the sense.
    texts = [chosen_text(reply.text) for reply in half.known]
    wanted = [chosen_text(reply.sample.output) for reply in half.known]
    scores = _text_scores(texts, wanted) if texts else {}
    return Arm(
        name=name,
        sense_accuracy=_share(half.known),
        sense_cases=len(half.known),
        abstention=_share(half.unknown),
        abstention_cases=len(half.unknown),
        abstention_by="glossary" if offered else "model",
        abstained_wrongly=_mean([abstains(text) for text in texts]),
        exact_match=_mean([exact(text, right) for text, right in zip(texts, wanted, strict=True)]),
        bleu_characters=scores.get("bleu_characters"),
        bleu_words=scores.get("bleu_words"),
        rouge_1=scores.get("rouge_1"),
        rouge_2=scores.get("rouge_2"),
        rouge_l=scores.get("rouge_l"),
        repeating=sum(repeats(reply.text) for reply in written),
        leaking=sum(bool(leaked(reply.text)) for reply in written),
        inventing=sum(bool(invented(reply.text, _sources(reply.sample))) for reply in written),
        general_exact=_share(half.general),
        general_kept=_kept(base.general, half.general),
        general_same=_mean(
            [exact(after.text, before.text) for before, after in zip(base.general, half.general, strict=False)]
        ),
        general_cases=len(half.general),
        tokens_per_second=half.tokens / half.seconds if half.seconds else None,
        memory=memory,
        parts=_parts(half),
    )


def _text_scores(texts: Sequence[str], wanted: Sequence[str]) -> dict[str, float]:
    return {
        "bleu_characters": bleu(texts, wanted, characters),
        "bleu_words": bleu(texts, wanted, words),
        "rouge_1": rouge(texts, wanted, words, 1),
        "rouge_2": rouge(texts, wanted, words, 2),
        "rouge_l": rouge(texts, wanted, words, None),
    }


def _sources(sample: Sample) -> list[str]:
    """What an answer may take its figures from: the question, the candidates and the right answer."""
    return [sample.instruction, sample.input, sample.question, sample.output, *sample.candidates]


def _kept(before: Sequence[Reply], after: Sequence[Reply]) -> float | None:
    """Return the share of the general questions which the base answers rightly that are still answered rightly."""
    if not after:
        return None
    return _mean([now.right for then, now in zip(before, after, strict=True) if then.right])


def _parts(half: Half) -> dict[str, tuple[int, int]]:
    parts: dict[str, tuple[int, int]] = {}
    for reply in half.known:
        sample = reply.sample
        fresh = "new abbreviations" if sample.group.startswith("term:") else "trained abbreviations"
        sort = "new sentences" if sample.group.startswith("sentence:") else "new wordings"
        for name in (fresh, sort) if fresh.startswith("trained") else (fresh,):
            right, asked = parts.get(name, (0, 0))
            parts[name] = (right + reply.right, asked + 1)
    return parts


def _pairs(halves: Mapping[str, Half]) -> tuple[Pair, ...]:
    """Choose sample pairs: two unknown terms, then known ones, those first where the arms differ in being right."""
    known = list(zip(*(half.known for half in halves.values()), strict=True))
    unknown = list(zip(*(half.unknown for half in halves.values()), strict=True))
    known.sort(key=lambda replies: -len({reply.right for reply in replies}))
    kept = [*unknown[: max(2, PAIRS - len(known))], *known][:PAIRS]
    return tuple(
        Pair(
            replies[0].sample.question or replies[0].sample.input,
            replies[0].sample.term,
            chosen_text(replies[0].sample.output),
            {
                name: chosen_text(reply.chosen or reply.text)
                for name, reply in zip(halves, replies, strict=True)
            },
        )
        for replies in kept
    )


def _names(sense: str) -> set[str]:
    """Return the names in a canonical sense text: the whole, and what stands before and in the last parentheses."""
    whole = plain(chosen_text(sense))
    before, _, inside = whole.rpartition("(")
    inside = inside.rstrip(")")
    return {name for name in (whole, before, inside) if len(name) > 1}


def _spread(samples: Sequence[Sample], limit: int) -> list[Sample]:
    if len(samples) <= limit:
        return list(samples)
    return [samples[at * len(samples) // limit] for at in range(limit)]


def _share(replies: Sequence[Reply]) -> float | None:
    return _mean([reply.right for reply in replies])


def _mean(values: Sequence[bool]) -> float | None:
    return sum(values) / len(values) if values else None
