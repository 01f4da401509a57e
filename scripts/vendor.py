"""Put GOV.UK Frontend, the typeface and the pictures of letters into `deal/static`, without what only gov.uk may use.

Run it only to move to a newer version: `python scripts/vendor.py` (needs npm, fonttools and brotli).
"""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from fontTools import subset
from fontTools.merge import Merger
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

from deal.questions.tick_pictures import PICTURES as TICKED

VERSION = "6.6.0"  # of the script's name too, which deal.js imports: browsers keep it for a year
GOVUK = f"govuk-frontend@{VERSION}"
TYPEFACE = "@fontsource/atkinson-hyperlegible-next@5.3.0"
WEIGHTS = (400, 700)
EMOJI = "@fontsource/noto-emoji@5.3.2"  # in one colour, for paper
MUST_HAVE = "ŵŷŴŶâêîôûïáłąő–—…‘’“”•·"

# beside each idea of the easy letter: what it shows, and its emoji: (which, from the left, from the top, how high)
PICTURES = {
    "rent": ("Banknotes, struck out", [("💷", 55, 28, 144)]),
    "hopes": ("A painter's palette and a seedling", [("🎨", 11, 36, 128), ("🌱", 155, 37, 126)]),
    "no-thanks": ("A hand that says stop", [("✋", 80, 12, 176)]),
    "readers": ("Two people and a padlock", [("👥", 17, 33, 134), ("🔒", 208, 52, 104)]),
    "talk": ("A telephone and a speech balloon", [("☎", 12, 45, 134), ("💬", 180, 21, 106)]),
}
WIDE, HIGH = 300, 200  # of a picture, in its own units
SMALL = 96  # of one beside a tick, on each side
STRUCK = """<path d="M68 186 232 14" stroke="#fff" stroke-width="26"/>
<path d="M68 186 232 14" stroke="#111" stroke-width="11" stroke-linecap="round"/>
"""

VENDOR = Path(__file__).parents[1] / "deal" / "static" / "vendor"
LETTER = VENDOR.parent / "letter"
TICK = VENDOR.parent / "tick"


def without_source_map(text: str) -> str:
    """The text without the comment that names its source map, which is not kept."""
    return re.sub(r"(/\*|//)# sourceMappingURL=\S+(\s*\*/)?", "", text).rstrip() + "\n"


def our_css(css: str) -> str:
    """The dist CSS without the gov.uk typeface, crest and any other file that only gov.uk may use."""
    css = re.sub(r"@font-face\{[^}]*\}", "", css)
    css = css.replace("GDS Transport,arial,sans-serif", "var(--deal-typeface,arial,sans-serif)")
    # The rules for paper name a family of their own.
    css = css.replace("font-family:sans-serif", "font-family:var(--deal-typeface,sans-serif)")
    css = re.sub(r"[a-z-]+:[^;{}]*url\([^)]*\)[^;{}]*;?", "", css)
    css = without_source_map(css)
    for left in ("GDS", "url(", "@font-face", "sourceMappingURL"):
        assert left not in css, f"{left} is still in the CSS"
    return css


def merged(parts: list[Path], woff2: Path) -> None:
    """One woff2 out of the subsets: two files of one family print wrong Welsh letters in WeasyPrint."""
    font = Merger().merge([str(part) for part in parts])
    missing = [letter for letter in MUST_HAVE if ord(letter) not in font.getBestCmap()]
    assert not missing, f"{missing} not in the typeface"
    font["head"].created = font["head"].modified = TTFont(parts[0])["head"].modified
    font.recalcTimestamp = False  # the same parts make the same file
    font.flavor = "woff2"
    font.save(woff2)


def emoji_alone(whole: Path, woff2: Path) -> None:
    """The emoji without digits and signs, which belong to the typeface of the words around them."""
    options = subset.Options(layout_features=["*"], flavor="woff2", glyph_names=False, hinting=False)
    options.recalc_timestamp = False
    font = subset.load_font(str(whole), options)
    kept = subset.Subsetter(options)
    kept.populate(unicodes=[letter for letter in font.getBestCmap() if letter > 0x7F])
    kept.subset(font)
    subset.save_font(font, str(woff2), options)


def outline(font: TTFont, letter: str, left: float, top: float, high: float, number: str = "{:.1f}") -> str:
    """The path of an emoji, as high as that."""
    glyphs = font.getGlyphSet()
    glyph, bounds, path = glyphs[font.getBestCmap()[ord(letter)]], BoundsPen(glyphs), SVGPathPen(glyphs, number.format)
    glyph.draw(bounds)
    first, lowest, _last, highest = bounds.bounds
    scale = high / (highest - lowest)
    glyph.draw(TransformPen(path, (scale, 0, 0, -scale, left - scale * first, top + scale * highest)))
    return f'<path d="{path.getCommands()}"/>'


def picture(font: TTFont, name: str) -> str:
    """An SVG of some emoji beside each other."""
    shows, emoji = PICTURES[name]
    paths = "".join(f"{outline(font, *one)}\n" for one in emoji)
    box = f'viewBox="0 0 {WIDE} {HIGH}" width="{WIDE}" height="{HIGH}" fill="#111"'
    told = f"<!-- {shows}: outlines of Noto Emoji (vendor/noto-emoji.woff2) -->"
    struck = STRUCK if "struck" in shows else ""
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box}>\n{told}\n{paths}{struck}</svg>\n'


def letter_pictures() -> None:
    """The pictures of the easy letter."""
    LETTER.mkdir(exist_ok=True)
    font = TTFont(VENDOR / "noto-emoji.woff2")
    for name in PICTURES:
        LETTER.joinpath(f"{name}.svg").write_text(picture(font, name), "utf-8")


def tick_pictures() -> None:
    """The pictures beside what can be ticked: small ones, without anything else in the file."""
    TICK.mkdir(exist_ok=True)
    font = TTFont(VENDOR / "noto-emoji.woff2")
    for emoji in set(TICKED.values()):
        bounds = BoundsPen(font.getGlyphSet())
        font.getGlyphSet()[font.getBestCmap()[ord(emoji)]].draw(bounds)
        left, lowest, right, highest = bounds.bounds
        wide, high = right - left, highest - lowest
        scale = SMALL / max(wide, high)
        path = outline(font, emoji, (SMALL - scale * wide) / 2, (SMALL - scale * high) / 2, scale * high, "{:.0f}")
        box = f'viewBox="0 0 {SMALL} {SMALL}" fill="#211b27"'
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" {box}>{path}</svg>\n'
        TICK.joinpath(f"{ord(emoji):x}.svg").write_text(svg, "utf-8")


def main() -> None:
    """Replace everything that this script makes."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        npm = ["npm", "install", "--silent", "--ignore-scripts", "--prefix", folder]
        subprocess.run([*npm, GOVUK, TYPEFACE, EMOJI], check=True)
        govuk = Path(folder, "node_modules/govuk-frontend/dist/govuk")
        typeface = Path(folder, "node_modules/@fontsource/atkinson-hyperlegible-next")

        css = our_css(govuk.joinpath("govuk-frontend.min.css").read_text("utf-8"))
        VENDOR.joinpath("govuk-frontend.min.css").write_text(css, "utf-8")
        js = without_source_map(govuk.joinpath("govuk-frontend.min.js").read_text("utf-8"))
        VENDOR.joinpath(f"govuk-frontend-{VERSION}.min.js").write_text(js, "utf-8")
        for weight in WEIGHTS:
            parts = []
            for subset in ("latin", "latin-ext"):
                woff2 = typeface / f"files/atkinson-hyperlegible-next-{subset}-{weight}-normal.woff2"
                font = TTFont(woff2, recalcTimestamp=False)
                font.flavor = None
                parts.append(Path(folder, f"{subset}-{weight}.ttf"))
                font.save(parts[-1])
            merged(parts, VENDOR / f"atkinson-hyperlegible-next-{weight}.woff2")
        shutil.copy(typeface / "LICENSE", VENDOR / "atkinson-hyperlegible-next.LICENSE.txt")
        emoji = Path(folder, "node_modules/@fontsource/noto-emoji")
        emoji_alone(emoji / "files/noto-emoji-emoji-400-normal.woff2", VENDOR / "noto-emoji.woff2")
        shutil.copy(emoji / "LICENSE", VENDOR / "noto-emoji.LICENSE.txt")
    letter_pictures()
    tick_pictures()
    # GOV.UK Frontend's package brings no licence file: its text stands in the folder and is kept by hand.
    assert VENDOR.joinpath("govuk-frontend.LICENSE.txt").exists()


if __name__ == "__main__":
    main()
