"""Which characters the bytes of a file stand for.

The whole file is looked at once, in chunks, because the first letter that is not English may stand on the
last line. What settles a
legacy encoding is Nordic evidence: the share of its high bytes that would be å ä ö æ ø é ü. Only where that
fails is
charset-normalizer asked, so that the same file is always read in the same way.
"""

import codecs
from collections import Counter
from dataclasses import dataclass
from typing import BinaryIO

from charset_normalizer import from_bytes
from django.utils.translation import gettext as _

CHUNK = 1 << 20
SAMPLE = 256 * 1024
LONGEST_LINE = (
    4 << 20
)  # bytes; no office writes a line of 4 MB, and one line of 100 MB would be held in memory whole
CONTROL_SHARE = 0.05  # of bytes that no text has; a program or a picture is far above, a stray NUL far below
MIXED = "utf-8-mixed"  # UTF-8 with some cp1252 bytes among it: two exports pasted together

ASCII = bytes(range(128))
NORDIC = "åäöæøéüÅÄÖÆØÉÜ"
COMMON = "åäöæø"
LATIN = "èàçêëïîôûùñáíóúãõßšžčÀÇÈÊÁÍÓÚŠŽČ"
FEW = 20  # high bytes; fewer of them prove nothing
# Order decides a tie: what Windows offices write comes first.
LEGACY = ("cp1252", "mac_roman", "cp850")
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Unreadable(Exception):
    """The file is no table of text. The message says what it is and what to do, in one sentence."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """The codec to open the file with, and why."""

    codec: str
    because: str

    @property
    def errors(self) -> str:
        """The error handler that goes with the codec in `open()`."""
        return "cp1252_byte" if self.codec == MIXED else "replace"

    @property
    def python_codec(self) -> str:
        """The name Python knows."""
        return "utf-8" if self.codec == MIXED else self.codec


def _cp1252_byte(error: UnicodeError) -> tuple[str, int]:
    """A byte that is no UTF-8 is read as Windows would have written it."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("cp1252_byte", _cp1252_byte)


def detect(file: BinaryIO) -> Encoding:
    """Look through the whole file once, in chunks, and name its encoding.

    Raises Unreadable for an empty file and for everything that is no text.
    """
    file.seek(0)
    head = file.read(SAMPLE)
    if not head.strip(b"\x00\r\n\t \xef\xbb\xbf\xfe\xff\x1a"):
        raise Unreadable(_("The file is empty: there is no line of text in it."))
    bom = next((codec for mark, codec in BOMS if head.startswith(mark)), "")
    wide_codec = bom if bom and bom != "utf-8-sig" else "" if bom else wide(head)
    file.seek(0)
    if wide_codec:
        _guard_wide(file)
        because = _("its first bytes say so") if bom else _("every other byte is empty, as in UTF-16")
        return Encoding(wide_codec, because)
    if _control_share(head.rstrip(b"\x00\x1a")) > CONTROL_SHARE:
        raise Unreadable(
            _(
                "This is no text file: it holds bytes that no table has. Save the list as CSV and"
                " take that file."
            )
        )
    found = _by_evidence(file)
    if bom and found.codec == "utf-8":
        return Encoding(bom, _("its first bytes say so"))
    return found


def wide(head: bytes) -> str:
    """UTF-16 without a mark: nearly every second byte of Nordic text is zero. "" for anything else."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = max(len(head) // 2, 1)
    if odd > 0.7 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.7 * half and odd < 0.1 * half:
        return "utf-16-be"
    return ""


def _guard_wide(file: BinaryIO) -> None:
    since_line_end = 0
    while chunk := file.read(CHUNK):
        since_line_end = _line_guard(chunk, since_line_end)


def _control_share(head: bytes) -> float:
    control = bytes(set(range(32)) - {7, 8, 9, 10, 11, 12, 13, 26, 27})
    return (len(head) - len(head.translate(None, control))) / max(len(head), 1)


def _by_evidence(file: BinaryIO) -> Encoding:
    high: Counter[int] = Counter()
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    good = bad = since_line_end = ours = 0
    sample = b""
    while chunk := file.read(CHUNK):
        since_line_end = _line_guard(chunk, since_line_end)
        rest = chunk.translate(None, ASCII)
        if not rest:
            if decoder.getstate()[0]:  # a letter cut in two by the chunk, and nothing follows it
                bad += decoder.decode(b"", True).count("\ufffd")
            continue
        high.update(rest)
        sample = sample or chunk[:SAMPLE]
        text = decoder.decode(chunk)
        # a sign that stands for a lost letter may be written in good UTF-8
        broken = text.count("\ufffd") - chunk.count(b"\xef\xbf\xbd")
        bad += broken
        ours += sum(map(text.count, COMMON + COMMON.upper())) if broken else 0
        good += sum(1 for letter in text if letter > "\x7f") - broken if broken or bad else len(rest) // 2
    bad += decoder.decode(b"", True).count("\ufffd")
    if not high:
        return Encoding("utf-8", _("plain English letters only"))
    if not bad:
        return Encoding("utf-8", _("every letter in it is valid UTF-8"))
    # half and half is two exports, too, when what is UTF-8 in it are our own letters
    if good > 3 * bad or (ours > 2 and ours > 0.5 * good and score(high, "cp1252") > -0.5):
        return Encoding(
            MIXED, _("nearly all of it is UTF-8; the few other bytes are read as Windows letters")
        )
    return _legacy(high, sample)


def _line_guard(chunk: bytes, before: int) -> int:
    last = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
    so_far = before + len(chunk) if last < 0 else len(chunk) - last
    if so_far > LONGEST_LINE:
        raise Unreadable(
            _(
                "The file holds a line of more than 4 million characters: it is no table. Export "
                "the list again as CSV."
            )
        )
    return so_far


def score(high: Counter[int], codec: str) -> float:
    """How Nordic the high bytes look in a codec: 1 when each of them is one of our letters, less for signs
    nobody types.
    """
    total = sum(high.values())
    points = 0.0
    for byte, count in high.items():
        letter = bytes([byte]).decode(codec, "replace")
        if letter in COMMON:
            points += count
        elif letter in NORDIC:
            points += 0.9 * count
        elif letter in LATIN:
            points += 0.7 * count
        elif letter.isalpha():
            points += 0.3 * count
        elif letter in "’‘“”–—…€§°´«»£·×½\xa0•":
            points += 0.4 * count
        else:
            points -= count
    return points / max(total, 1)


def _legacy(high: Counter[int], sample: bytes) -> Encoding:
    # a hard blank tells nothing: it is á in another encoding
    letters = Counter({byte: count for byte, count in high.items() if byte != 0xA0})
    scores = {codec: score(letters, codec) for codec in LEGACY}
    best = max(LEGACY, key=lambda codec: scores[codec])
    if scores[best] >= 0.6:
        if best == "cp1252" and any(byte in high for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D)):
            best = "latin-1"
        return Encoding(best, _("its other letters are å ä ö æ ø in this encoding"))
    if sum(letters.values()) < FEW:
        return Encoding("cp1252", _("it is the usual one; please look at the letters"))
    if scores[best] < 0.35 and (asian := _asian(sample)):
        return Encoding(asian, _("its letters are Chinese, Japanese or Korean in this encoding"))
    guess = from_bytes(sample, cp_exclusion=["utf_7"]).best()
    if guess is not None and guess.encoding not in ("utf_8", "ascii"):
        return Encoding(guess.encoding, _("this encoding gives the most sensible words"))
    return Encoding(
        best if scores[best] > 0 else "cp1252", _("this encoding fits best; please look at the letters")
    )


def _asian(sample: bytes) -> str:
    best, most = "", 0.7
    for codec in ("cp950", "gb18030", "cp932", "cp949"):
        try:
            text = sample[: sample.rfind(b"\n") + 1].decode(codec)
        except UnicodeDecodeError:
            continue
        signs = [sign for sign in text if sign > "\x7f"]
        usual = sum(1 for sign in signs if "\u3000" <= sign <= "\u9fff" or "\uac00" <= sign <= "\ud7a3")
        odd = sum(1 for sign in signs if "\ue000" <= sign <= "\uf8ff" or "\uff61" <= sign <= "\uff9f")
        if signs and (share := (usual - 5 * odd) / len(signs)) > most:
            best, most = codec, share
    return best
