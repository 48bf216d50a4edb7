"""A written mail becomes a version that goes out and is never edited."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext as _

from nurturing.content import compiling
from nurturing.content.templating import Problem
from nurturing.models import MailVersion


class Unpublishable(Exception):
    """The mail cannot go out as it is written; `problems` say why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(in_words(problem) for problem in problems))
        self.problems = tuple(problems)


def in_words(problem: Problem) -> str:
    """The problem as one sentence with its place."""
    places = {"subject": _("Subject"), "preheader": _("Preview line"), "body": _("Text, line %(line)s")}
    place = places.get(problem.field, "")
    return f"{place % {'line': problem.line} if problem.field == 'body' else place}: {problem.words}"


def keep(
    *,
    subject: str,
    preheader: str,
    body: str,
    language: str,
    by: AbstractBaseUser | None,
    now: datetime,
    live: MailVersion | None = None,
) -> MailVersion:
    """Compile the mail and keep it. The version that is live stays when not a letter has changed.

    Raises Unpublishable with every reason.
    """
    compiled = compiling.compile_mail(subject, preheader, body, language)
    if not compiled.ok:
        raise Unpublishable(compiled.errors)
    written = (subject, preheader, body, language)
    same = live and written == (live.subject, live.preheader, live.body, live.language)
    if live and same and compiling.Compiled.from_json(live.compiled) == compiled:
        return live
    return MailVersion.objects.create(
        subject=subject,
        preheader=preheader,
        body=body,
        language=language,
        compiled=compiled.as_json(),
        at=now,
        by_id=by.pk if by else None,
    )
