"""How the tables of words are written: a phrase a line, so that who misses one adds a line."""

import re

_BLANK = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|(?P<blank> )(?P<count>[?*+{])?", re.S)


def one_of(table: str) -> str:
    """A pattern that fits where any phrase of the table does.

    A blank is any white space, as servers break their lines where they like. A line that begins with # is a remark;
    one that is indented deeper than the first goes on with the one above.
    """
    lines = [line for line in table.splitlines() if line.strip() and not line.lstrip().startswith("# ")]
    margin = len(lines[0]) - len(lines[0].lstrip())
    phrases: list[str] = []
    for line in lines:
        if line[margin] == " ":
            phrases[-1] += line.strip()
        else:
            phrases.append(line.strip())
    return "|".join(_BLANK.sub(_white, phrase) for phrase in phrases)


def _white(found: re.Match[str]) -> str:
    if not found["blank"]:
        return found[0]  # an escape, or a set of characters
    return rf"\s{found['count']}" if found["count"] else r"\s+"
