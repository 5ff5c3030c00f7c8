"""Stored conversations as their users see them: listed, shown, and deleted with everything that came of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.chat import choices_key
from api.errors import NotFoundError

if TYPE_CHECKING:
    from api.auth import Viewer
    from router.store import ConversationStore, ConversationSummary, Turn
    from terminology.store import GlossaryStore

_MOST_TURNS = 10_000


@dataclass(frozen=True, slots=True)
class ConversationArchive:
    """The conversations of a viewer; an admin may name another `user`, since deletion can be asked for."""

    store: ConversationStore
    glossary: GlossaryStore

    def conversations(
        self,
        viewer: Viewer,
        *,
        user: str | None = None,
        everyone: bool = False,
        limit: int = 100,
        offset: int = 0,
    ) -> list[ConversationSummary]:
        """Return conversations, the latest first: the viewer's, another user's, or everyone's. Raises ForbiddenError."""
        owner = None if everyone else user or viewer.user
        if owner != viewer.user:
            viewer.require("admin")
        return self.store.conversations(owner, limit, offset)

    def turns(self, conversation_id: str, viewer: Viewer, user: str | None = None) -> tuple[Turn, ...]:
        """Return a conversation's turns, oldest first. Raises NotFoundError, ForbiddenError."""
        found = self.store.history(conversation_id, self._owner(viewer, user), _MOST_TURNS)
        if not found:
            raise NotFoundError("conversation", conversation_id)
        return found

    def delete(self, conversation_id: str, viewer: Viewer, user: str | None = None) -> int:
        """Delete a conversation: its turns, the choices made in it, the feedback on it and what that taught.

        Returns how many turns it had. Raises NotFoundError, ForbiddenError.
        """
        owner = self._owner(viewer, user)
        given = self.store.feedback_on(owner, conversation_id=conversation_id)
        gone = self.store.delete(conversation_id, owner)
        if not gone:
            raise NotFoundError("conversation", conversation_id)
        self.glossary.withdraw_verdicts(verdict for each in given for verdict in each.verdicts)
        self.glossary.forget(choices_key(owner, conversation_id))
        return gone

    @staticmethod
    def _owner(viewer: Viewer, user: str | None) -> str:
        if user not in {None, viewer.user}:
            viewer.require("admin")
        return user or viewer.user
