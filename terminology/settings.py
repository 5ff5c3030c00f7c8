"""Settings of terminology: what may match loosely, and how sure a choice among senses must be."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class MatchSettings:
    """How surfaces are found in a question.

    Lengths are in characters. `typos`: one slip in Latin surfaces of `typo_length` or more. `homophones`: Chinese
    names written with characters that sound the same, or one wrong character, when nothing matched as written.
    """

    typos: bool = True
    typo_length: int = 4
    homophones: bool = True
    homophone_length: int = 3
    wrong_character_length: int = 4


@dataclass(frozen=True, slots=True)
class ChoiceSettings:
    """How the sense is chosen.

    A choice is `close` when the best score is under `sure`, or the runner-up is within `margin` of it. At most
    `contexts` sentences of the ingested documents and the last `verdicts` of people speak for one name; `turns` of
    the conversation count. `temperature` divides log-odds, so that a score says how often such a choice is right.
    """

    sure: float = 0.6
    margin: float = 0.2
    contexts: int = 200
    verdicts: int = 500
    turns: int = 6
    temperature: float = 1.0


@dataclass(frozen=True, slots=True)
class TerminologySettings:
    """All settings of the terminology room."""

    match: MatchSettings = field(default_factory=MatchSettings)
    choice: ChoiceSettings = field(default_factory=ChoiceSettings)
