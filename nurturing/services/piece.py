"""Pieces of the library: written, published, retired, brought back."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from contacts.models import AuditEvent
from nurturing.content import draft
from nurturing.models import MailVersion, Piece
from nurturing.services import mail_version, standing, waiting

WORDS = ("title", "topic_id", "level", "language", "subject", "preheader", "body")


class EditedMeanwhile(Exception):
    """Somebody else saved this piece after the page was opened; `piece` is what they wrote."""

    def __init__(self, piece: Piece) -> None:
        super().__init__(_("Somebody else changed this piece while you wrote."))
        self.piece = piece


class NothingToUndo(Exception):
    """There is no publication to take back."""


def fingerprint(piece: Piece) -> str:
    """What the page remembers about the piece that it shows."""
    return draft.fingerprint(*(getattr(piece, word) for word in WORDS))


@transaction.atomic
def make(*, title: str, topic_id: int, by: AbstractBaseUser | None, now: datetime, **words: Any) -> Piece:
    """A new draft; nobody gets it before it is published."""
    made = Piece.objects.create(
        title=title,
        topic_id=topic_id,
        made_at=now,
        edited_at=now,
        edited_by_id=_id(by),
        **{word: value for word, value in words.items() if word in WORDS},
    )
    _audit("piece.made", made, by, now)
    return made


@transaction.atomic
def edit(*, piece_id: int, seen: str, by: AbstractBaseUser | None, now: datetime, **words: Any) -> Piece:
    """Change a piece. What is live stays as it was until it is published again.

    Raises EditedMeanwhile when somebody saved another text since `seen`; nothing is written then.
    """
    piece = _locked(piece_id)
    changes = {
        word: value for word, value in words.items() if word in WORDS and getattr(piece, word) != value
    }
    if not changes:
        return piece
    if seen != fingerprint(piece):
        raise EditedMeanwhile(piece)
    for word, value in changes.items():
        setattr(piece, word, value)
    piece.revision += 1
    piece.edited_at, piece.edited_by_id = now, _id(by)
    piece.save(update_fields=[*changes, "revision", "edited_at", "edited_by"])
    return piece


@transaction.atomic
def publish(*, piece_id: int, by: AbstractBaseUser | None, now: datetime) -> Piece:
    """Let the piece be chosen for people from now on, with the words it has now.

    Raises mail_version.Unpublishable with every reason.
    """
    piece = _locked(piece_id)
    before = piece.mail
    piece.mail = mail_version.keep(
        subject=piece.subject,
        preheader=piece.preheader,
        body=piece.body,
        language=piece.language,
        by=by,
        now=now,
        live=before,
    )
    piece.published_at, piece.retired_at = now, None
    piece.save(update_fields=["mail", "published_at", "retired_at"])
    _audit("piece.published", piece, by, now, mail=piece.mail.pk, before=before.pk if before else None)
    standing.recompute_where(now=now, because__code="no_piece_left")
    waiting.follow_piece(piece)
    return piece


@transaction.atomic
def undo_publish(*, piece_id: int, by: AbstractBaseUser | None, now: datetime) -> Piece:
    """Put the words before the last publication back in service (none: it is a draft again). The text stays
    as edited.
    """
    piece = _locked(piece_id)
    last = (
        AuditEvent.objects.filter(verb="piece.published", object_type="piece", object_id=piece_id)
        .order_by("-at", "-pk")
        .first()
    )
    if piece.mail is None or last is None or last.detail.get("mail") != piece.mail.pk:
        raise NothingToUndo(_("There is no publication to take back."))
    before = MailVersion.objects.filter(pk=last.detail.get("before")).first()
    piece.mail = before
    piece.published_at = before.at if before else None
    piece.save(update_fields=["mail", "published_at"])
    _audit("piece.publish_undone", piece, by, now)
    waiting.follow_piece(piece)
    return piece


@transaction.atomic
def retire(*, piece_id: int, by: AbstractBaseUser | None, now: datetime) -> Piece:
    """Nobody gets the piece any more; what was sent stays to be read."""
    piece = _locked(piece_id)
    if piece.retired_at is None:
        piece.retired_at = now
        piece.save(update_fields=["retired_at"])
        _audit("piece.retired", piece, by, now)
    return piece


@transaction.atomic
def bring_back(*, piece_id: int, by: AbstractBaseUser | None, now: datetime) -> Piece:
    """A retired piece is live again (or a draft, when it never was live)."""
    piece = _locked(piece_id)
    if piece.retired_at is not None:
        piece.retired_at = None
        piece.save(update_fields=["retired_at"])
        _audit("piece.brought_back", piece, by, now)
        standing.recompute_where(now=now, because__code="no_piece_left")
    return piece


def _locked(piece_id: int) -> Piece:
    return Piece.objects.select_for_update(of=("self",)).select_related("mail").get(pk=piece_id)


def _id(by: AbstractBaseUser | None) -> int | None:
    return by.pk if by else None


def _audit(verb: str, piece: Piece, by: AbstractBaseUser | None, now: datetime, **detail: object) -> None:
    AuditEvent.objects.create(
        at=now, by_id=_id(by), verb=verb, object_type="piece", object_id=piece.pk, detail=detail
    )
