"""The contrast of the tokens that meet on a page, computed from the CSS: AA everywhere, AAA for body text."""

import re
from math import cos, radians, sin
from pathlib import Path

import pytest

CSS = (Path(__file__).resolve().parents[2] / "static" / "css" / "tokens.css").read_text()
DECLARATION = re.compile(r"--([\w-]+):\s*([^;]+);")
OKLCH = re.compile(r"oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\)")

SURFACES = ("surface", "surface-raised", "surface-sunk", "surface-hover")
BODY_TEXT = [("text", surface) for surface in SURFACES]
SMALL_TEXT = [
    *[
        (text, surface)
        for text in ("text-soft", "action", "done", "wrong", "heat-text")
        for surface in SURFACES[:3]
    ],
    ("on-action", "action"),
    ("on-action", "action-hover"),
    ("text-soft", "surface-hover"),
    *[(name, f"{name}-wash") for name in ("action", "done", "wrong", "note")],
    *[("text", f"{name}-wash") for name in ("done", "wrong", "note")],
    ("text-soft", "note-wash"),
]
SHAPES = [
    *[("edge", surface) for surface in SURFACES[:3]],
    *[("action", surface) for surface in SURFACES],
    ("heat-hot", "surface-raised"),
]


def tokens() -> dict[str, str]:
    return dict(DECLARATION.findall(CSS))


def colour(name: str, theme: str) -> tuple[float, float, float]:
    """The linear sRGB of a token in a theme, followed through light-dark() and var()."""
    value = tokens()[name].strip()
    if pair := re.fullmatch(r"light-dark\(var\(--([\w-]+)\), var\(--([\w-]+)\)\)", value):
        return colour(pair[1] if theme == "light" else pair[2], theme)
    if alias := re.fullmatch(r"var\(--([\w-]+)\)", value):
        return colour(alias[1], theme)
    match = OKLCH.fullmatch(value)
    assert match, f"--{name} is not a colour this test can read: {value}"
    return linear(float(match[1]) / 100, float(match[2]), float(match[3]))


def linear(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    """OKLCH to linear sRGB, clipped to what a screen can show."""
    a, b = chroma * cos(radians(hue)), chroma * sin(radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    rgb = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    red, green, blue = (min(max(part, 0.0), 1.0) for part in rgb)
    return red, green, blue


def contrast(one: str, other: str, theme: str) -> float:
    """WCAG 2.2's ratio of relative luminance."""
    first, second = (
        0.2126 * red + 0.7152 * green + 0.0722 * blue
        for red, green, blue in (colour(one, theme), colour(other, theme))
    )
    lighter, darker = max(first, second), min(first, second)
    return (lighter + 0.05) / (darker + 0.05)


def too_faint(pairs: list[tuple[str, str]], theme: str, least: float) -> dict[str, float]:
    found = {f"{one} on {other}": round(contrast(one, other, theme), 2) for one, other in pairs}
    return {pair: ratio for pair, ratio in found.items() if ratio < least}


def test_the_formula_knows_black_on_white_and_a_published_pair():
    assert linear(1, 0, 0) == pytest.approx((1, 1, 1), abs=1e-4)
    # sRGB red is oklch(62.796% 0.25768 29.234) in CSS Color 4.
    assert linear(0.62796, 0.25768, 29.234) == pytest.approx((1, 0, 0), abs=1e-3)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_body_text_reaches_aaa(theme):
    assert too_faint(BODY_TEXT, theme, least=7.0) == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_other_text_reaches_aa(theme):
    assert too_faint(SMALL_TEXT, theme, least=4.5) == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_edges_focus_rings_and_the_hot_bar_can_be_told_from_what_they_lie_on(theme):
    assert too_faint(SHAPES, theme, least=3.0) == {}
