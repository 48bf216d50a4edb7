"""Which step comes next, and which piece of the library suits the person best."""

from nurturing.planning.position import (
    LEVELS,
    ActiveEnrollment,
    Content,
    Person,
    Piece,
    Position,
    Sequence,
    Step,
)

INTEREST_WEIGHT = 2.5
SAME_TOPIC_AGAIN = 0.75


def next_step(sequence: Sequence, enrollment: ActiveEnrollment) -> Step | None:
    """The step after the last completed one, by key; None at the end.

    When the last key has vanished from the live version, go on after its nearest surviving predecessor in
    the newest version that had it. No key is ever sent twice, however the steps were moved.
    """
    keys = [step.key for step in sequence.steps]
    start = 0
    for key in _backwards(sequence, enrollment.last_step_key):
        if key in keys:
            start = keys.index(key) + 1
            break
    return next((step for step in sequence.steps[start:] if step.key not in enrollment.done), None)


def best_piece(person: Person, position: Position, content: Content) -> tuple[Piece, str] | None:
    """The piece that suits the person best and why, among those they never got; None when none is left.

    Their topics weigh most, then the distance to how far they have come, then that it should not be the
    topic of the last piece again. Ties go to the older piece.
    """
    candidates = [
        piece
        for piece in content.pieces
        if piece.piece_id not in position.got and _is_readable(person, piece)
    ]
    if not candidates:
        return None
    interests = dict(person.topics)
    last_topic = next((p.topic for p in content.pieces if p.piece_id == position.last_piece_id), None)
    here = _level(person.level)

    def interest(piece: Piece) -> float:
        return interests.get(piece.topic, 0.0) if piece.topic is not None else 0.0

    def misfit(piece: Piece) -> tuple[int, float, int]:
        again = SAME_TOPIC_AGAIN if last_topic is not None and piece.topic == last_topic else 0.0
        fit = INTEREST_WEIGHT * interest(piece) - abs(_level(piece.level) - here) - again
        return _language_rank(person, piece), -fit, piece.piece_id

    best = min(candidates, key=misfit)
    if interest(best) > 0:
        return best, "piece_on_their_topic"
    return best, "piece_at_their_level" if _level(best.level) == here else "piece_they_have_not_had"


def _backwards(sequence: Sequence, last_key: str) -> list[str]:
    """The last key, then its predecessors in the newest version that had it, nearest first."""
    if not last_key:
        return []
    order = next((keys for keys in sequence.former if last_key in keys), (last_key,))
    return list(reversed(order[: order.index(last_key) + 1]))


def _is_readable(person: Person, piece: Piece) -> bool:
    return not piece.language or not person.languages or piece.language in person.languages


def _language_rank(person: Person, piece: Piece) -> int:
    if piece.language in person.languages:
        return person.languages.index(piece.language)
    return 0 if not piece.language else len(person.languages)


def _level(name: str) -> int:
    return LEVELS.index(name) if name in LEVELS else 0
