"""Verdicts on answers: stored with the answer they are about, and passed on to the glossary, which learns from them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from api.chat import choices_key
from api.errors import BadFeedbackError, NotFoundError
from router.store import Feedback, Turn
from router.types import Route
from terminology.normalize import fold_key
from terminology.types import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.auth import Viewer
    from api.recent import RecentAnswers
    from router.store import ConversationStore
    from terminology.resolve import TermResolver
    from terminology.store import GlossaryStore
    from terminology.types import Sense


@dataclass(frozen=True, slots=True)
class Given:
    """What a person says: on which answer, whether it was right, and which sense a term has in truth.

    The answer is named by `answer_id`, or by `conversation_id` with `turn` (from 1; the last if not given), or, for an
    answer that nobody kept, by its `question`. `sense` is a sense's id, or one of its names.
    """

    right: bool
    answer_id: str = ""
    conversation_id: str = ""
    turn: int | None = None
    question: str = ""
    term: str = ""
    sense: int | str | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class FeedbackDesk:
    """Takes, lists and takes back feedback."""

    store: ConversationStore
    glossary: GlossaryStore
    resolver: TermResolver
    recent: RecentAnswers

    def give(self, given: Given, viewer: Viewer) -> Feedback:
        """Store feedback and let the glossary learn; a second word on the same answer replaces the first.

        Raises NotFoundError for an answer that is not the viewer's or not there, BadFeedbackError for a wrong term.
        """
        conversation_id, turn = self._answered(given, viewer.user)
        sense = self._sense(given) if given.sense is not None else None
        verdicts = _verdicts(given, turn, sense, viewer.user)
        for earlier in self.store.feedback_on(viewer.user, answer_id=turn.answer_id):
            self._withdraw(earlier)
        self.glossary.give_verdicts(verdicts)
        if sense is not None and conversation_id:
            self.glossary.choose(choices_key(viewer.user, conversation_id), given.term, sense.id)
        return self.store.add_feedback(
            Feedback(
                viewer.user,
                turn.question,
                given.right,
                turn.answer,
                turn.route,
                turn.answer_id,
                conversation_id,
                given.term,
                given.comment,
                tuple(verdicts),
            )
        )

    def listed(
        self, viewer: Viewer, *, everyone: bool = False, limit: int = 100, offset: int = 0
    ) -> list[Feedback]:
        """Return the viewer's feedback, the latest first; everyone's for an editor. Raises ForbiddenError.

        Whoever does not see every document reads others' answers only where they are glossary rows.
        """
        if everyone:
            viewer.require("editor")
        found = self.store.feedback(None if everyone else viewer.user, limit, offset)
        if viewer.groups is None:
            return found
        return [
            each if each.owner == viewer.user or each.route == Route.TERM else replace(each, answer="")
            for each in found
        ]

    def take_back(self, number: int, viewer: Viewer) -> None:
        """Delete feedback and what it taught; an admin may delete anyone's. Raises NotFoundError."""
        found = self.store.feedback_by_id(number, None if viewer.role == "admin" else viewer.user)
        if found is None:
            raise NotFoundError("feedback", str(number))
        self._withdraw(found)

    def _withdraw(self, given: Feedback) -> None:
        self.glossary.withdraw_verdicts(given.verdicts)
        self.store.delete_feedback(given.id)

    def _answered(self, given: Given, user: str) -> tuple[str, Turn]:
        """Return the conversation and turn that feedback is about."""
        if given.answer_id:
            stored = self.store.answered(given.answer_id, user)
            recent = self.recent.find(given.answer_id, user)
            if stored is None and recent is None:
                raise NotFoundError("answer", given.answer_id)
            return stored or ("", recent or Turn("", "", "", ""))
        if given.conversation_id:
            return given.conversation_id, self._turn(given, user)
        if not given.question:
            raise BadFeedbackError("it names no answer: send `answer_id`, `conversation_id` or `question`")
        resolution = self.resolver.resolve(given.question)
        senses = [
            (fold_key(term.match.surface), term.chosen.sense.id)
            for term in resolution.terms
            if term.alternatives
        ]
        return "", Turn(given.question, "", "", "", senses=tuple(senses))

    def _turn(self, given: Given, user: str) -> Turn:
        turns = self.store.history(given.conversation_id, user, 10_000 if given.turn else 1)
        number = given.turn or 1
        if not 1 <= number <= len(turns):
            raise NotFoundError("turn", f"{given.conversation_id} {number}")
        return turns[number - 1]

    def _sense(self, given: Given) -> Sense:
        if not given.term:
            raise BadFeedbackError("it names a sense but no term: send `term` too")
        senses = self.resolver.lookup(given.term)
        found = [sense for sense in senses if _is(sense, given.sense)]
        if len(found) != 1:
            known = "; ".join(f"{sense.id} {sense.chinese or sense.english}" for sense in senses) or "none"
            raise BadFeedbackError(f"{given.sense!r} is not one sense of {given.term!r}; its senses: {known}")
        return found[0]


def _is(sense: Sense, wanted: int | str | None) -> bool:
    if isinstance(wanted, int) or (isinstance(wanted, str) and wanted.isdigit()):
        return sense.id == int(wanted)
    return fold_key(str(wanted)) in {fold_key(name) for name in (sense.chinese, sense.english) if name}


def _verdicts(given: Given, turn: Turn, sense: Sense | None, user: str) -> Sequence[Verdict]:
    """Say what feedback teaches about senses.

    A right answer confirms the senses of its ambiguous terms. A wrong one speaks against a sense only where the sense
    was the answer, or where the person names the term; naming the right sense speaks for that one.
    """
    question = turn.completed or turn.question
    understood = dict(turn.senses)
    if given.term:
        surface = fold_key(given.term)
        taken = understood.get(surface)
        if sense is None:
            return [Verdict(surface, taken, question, given.right, user)] if taken else []
        against = [Verdict(surface, taken, question, False, user)] if taken and taken != sense.id else []
        return [*against, Verdict(surface, sense.id, question, True, user)]
    if given.right:
        return [Verdict(surface, taken, question, True, user) for surface, taken in understood.items()]
    if turn.route == "term" and len(understood) == 1:
        return [Verdict(surface, taken, question, False, user) for surface, taken in understood.items()]
    return []
