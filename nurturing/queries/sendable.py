"""What can be sent today: live versions of sequences and the pieces of the library, as plain values."""

from collections import defaultdict
from collections.abc import Collection

from nurturing.models import Piece, Sequence, SequenceVersion, Step
from nurturing.planning import position


def content(sequence_ids: Collection[int]) -> position.Content:
    """The library and these sequences, in four statements."""
    return position.Content(sequences=_sequences(sequence_ids), pieces=_pieces())


def _pieces() -> tuple[position.Piece, ...]:
    rows = (
        Piece.objects.live()
        .order_by("pk")
        .values_list("pk", "level", "mail__language", "topic_id", "mail_id")
    )
    return tuple(position.Piece(*row) for row in rows)


def _sequences(ids: Collection[int]) -> dict[int, position.Sequence]:
    if not ids:
        return {}
    known = Sequence.objects.filter(pk__in=ids).values_list("pk", "live_version_id", "archived_at")
    live = {version_id: pk for pk, version_id, _ in known if version_id is not None}
    steps: dict[int, list[position.Step]] = defaultdict(list)
    rows = Step.objects.filter(version_id__in=live, mail__isnull=False).order_by("version_id", "position")
    for version_id, key, days, wait, mail_id in rows.values_list(
        "version_id", "key", "days", "wait", "mail_id"
    ):
        steps[live[version_id]].append(position.Step(key, days, wait == Step.Wait.RHYTHM, mail_id))
    former = _former(ids)
    return {
        pk: position.Sequence(
            pk,
            tuple(steps[pk]),
            tuple(former[pk]),
            live=version_id is not None and archived_at is None,
        )
        for pk, version_id, archived_at in known
    }


def _former(ids: Collection[int]) -> dict[int, list[tuple[str, ...]]]:
    """The keys of all published versions, newest first: where somebody is whose step has vanished."""
    rows = Step.objects.filter(
        version__in=SequenceVersion.objects.filter(sequence_id__in=ids, number__isnull=False)
    ).order_by("version__sequence_id", "-version__number", "position")
    orders: dict[tuple[int, int], list[str]] = defaultdict(list)
    for sequence_id, version_id, key in rows.values_list("version__sequence_id", "version_id", "key"):
        orders[sequence_id, version_id].append(key)
    former: dict[int, list[tuple[str, ...]]] = defaultdict(list)
    for (sequence_id, _), keys in orders.items():
        former[sequence_id].append(tuple(keys))
    return former
