"""Draws the icons of a phone's home screen from the shape of our favicon: `.venv/bin/python -m scripts.icons`.

The shape is static/favicon.svg's, drawn here once more, because Pillow reads no SVG: a pin with a tick on purple.
"""

from pathlib import Path

from PIL import Image, ImageDraw

STATIC = Path(__file__).parents[1] / "deal" / "static"
PURPLE, AMBER = "#4b2a7b", "#f2b04a"
SHARPER = 8  # times as large when drawn, for smooth edges
# name: (pixels, how much of its side the favicon takes, whether its corners are round)
ICONS = {
    "icon-192": (192, 1.0, True),
    "icon-512": (512, 1.0, True),
    "icon-maskable": (512, 0.8, False),  # a phone cuts it to a shape of its own: all that matters within 80 %
    "apple-touch-icon": (180, 0.9, False),
}


def main() -> None:
    """Draw each icon, and say how large its file is."""
    for name, (pixels, part, is_round) in ICONS.items():
        path = STATIC / f"{name}.png"
        few = icon(pixels, part, is_round).quantize(32, dither=Image.Dither.NONE)
        few.save(path, optimize=True)
        print(f"{path.name}: {path.stat().st_size} bytes")


def icon(pixels: int, part: float, is_round: bool) -> Image.Image:
    """The favicon, in the middle of as much purple."""
    side = pixels * SHARPER
    drawn = Image.new("RGBA", (side, side), (0, 0, 0, 0) if is_round else PURPLE)
    draw = ImageDraw.Draw(drawn)
    unit, edge = side * part / 32, side * (1 - part) / 2
    if is_round:
        draw.rounded_rectangle((0, 0, side - 1, side - 1), radius=8 * unit, fill=PURPLE)

    def at(*points: tuple[float, float]) -> list[tuple[float, float]]:
        return [(edge + x * unit, edge + y * unit) for x, y in points]

    draw.ellipse(at((8, 5), (24, 21)), fill=AMBER)
    draw.polygon(at(*pin()), fill=AMBER)
    tick, wide = at((12.5, 13.5), (15.2, 16.3), (19.8, 11)), 2.6 * unit
    draw.line(tick, fill=PURPLE, width=round(wide), joint="curve")
    for x, y in tick:
        draw.ellipse((x - wide / 2, y - wide / 2, x + wide / 2, y + wide / 2), fill=PURPLE)
    return drawn.resize((pixels, pixels), Image.Resampling.LANCZOS)


def pin() -> list[tuple[float, float]]:
    """The lower half of the pin: from its right side to its point and up again, as the curves of the favicon go."""
    right = [right_side(step / 40) for step in range(41)]
    return [*right, *((32 - x, y) for x, y in reversed(right))]


def right_side(far: float) -> tuple[float, float]:
    """A place on the cubic curve from (24, 13) to (16, 26)."""
    near = 1 - far
    first, second, end = near**3, 3 * far * near**2, 3 * far**2 * near + far**3
    return 24 * (first + second) + 16 * end, 13 * first + 19 * second + 26 * end


if __name__ == "__main__":
    main()
