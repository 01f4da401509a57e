"""The pictures in the easy-to-read letter: ours, and those that a manager puts in their place."""

import io
import struct
import zlib

import pytest
from pdfua import validate
from PIL import Image
from pypdf import PdfReader
from sqlalchemy import select

from deal.db import db
from deal.organisation.pictures import MOST_A_SIDE
from deal.printing.letters import PLACES
from deal.printing.models import LetterPicture
from tests.browser import Browser, Page
from tests.test_letters import PDF, eighteen, print_for, text_of  # noqa: F401

pytestmark = pytest.mark.sqlite_only  # how a picture is read; on_both where it is kept

PAGE = "/settings/pictures"
NO_PICTURE = "We cannot use this file. Choose a PNG or JPEG picture that does not move, of at most 30 million pixels."
CHOOSE = "Choose a picture first."


def drawn(kind: str = "PNG", size=(60, 40), colour="#b03", mode="RGB", **how) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, kind, **how)
    return out.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def bomb(width: int, height: int) -> bytes:
    """A few bytes that say they are a picture of this size."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def moving(kind: str) -> bytes:
    return drawn(kind, save_all=True, append_images=[Image.new("RGB", (60, 40), "blue")])


def supply(
    browser: Browser, content: bytes | None, place: str = "rent", status: int = 303, name: str = "a.png"
) -> Page:
    """Choose a file on the open page and press Keep this picture."""
    path = f"{PAGE}/{place}"
    form = browser.page.form_to(path)
    assert form["enctype"] == "multipart/form-data"
    sent = {box["name"]: box.get("value", "") for box in form.find_all("input", type="hidden")}
    sent["picture"] = (io.BytesIO(content or b""), name if content is not None else "")
    answer = browser.send("POST", path, sent, content_type="multipart/form-data")
    if answer.status_code == 303 == status:
        return browser.get(answer.location)
    return browser.open_answer(answer, path, status)


def kept() -> list[tuple[str, bytes | None]]:
    return [tuple(row) for row in db.session.execute(select(LetterPicture.place, LetterPicture.png).order_by("id"))]


def pictures_in(*sheets) -> dict:
    """The photographs and the like, each once, with its size."""
    return {one.indirect_reference: one.image.size for sheet in sheets for one in sheet.images}


def shown(page: Page) -> list[str]:
    return [str(one["src"]).partition("?")[0] for one in page.soup.select("img.deal-picture")]


@pytest.mark.on_both
def test_a_manager_puts_a_picture_in_the_letter_and_takes_it_away(visit, morgan, sam, eighteen):  # noqa: F811
    ours = [f"/static/letter/{place}.svg" for place in PLACES]
    before = print_for(visit, sam, eighteen[:1], "easy").pages
    assert not pictures_in(*before), "ours are drawn in lines"
    manager = visit(morgan)
    assert shown(manager.click("Pictures in the easy-to-read letter", on="/settings")) == ours
    page = supply(manager, drawn(size=(80, 50)), "readers")
    assert "Saved. Letters show your picture from now on." in page and "Your own picture. Morgan, " in page
    assert shown(page) == [*ours[:3], f"{PAGE}/readers.png", ours[4]]
    answer = manager.send("GET", f"{PAGE}/readers.png")
    assert answer.mimetype == "image/png" and answer.headers["X-Content-Type-Options"] == "nosniff"
    assert Image.open(io.BytesIO(answer.data)).size == (80, 50)

    after = print_for(visit, sam, eighteen[:1], "easy").pages
    assert [*pictures_in(*after).values()] == [(80, 50)]
    assert [text_of(sheet) for sheet in after] == [text_of(sheet) for sheet in before]
    assert not pictures_in(*print_for(visit, sam, eighteen[:1], "normal").pages)

    page = manager.press("Take it away", on=PAGE)
    assert "Your picture is taken away." in page and "Our picture. Morgan, " in page and shown(page) == ours
    assert kept() == [("readers", None)] * 2, "who and when is kept, the picture is not"
    assert manager.send("GET", f"{PAGE}/readers.png").status_code == 404
    assert not pictures_in(*print_for(visit, sam, eighteen[:1], "easy").pages)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, CHOOSE),
        (b"", CHOOSE),
        (b"I am no picture, whatever my name says", NO_PICTURE),
        (b"\0\xff" * 500, NO_PICTURE),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', NO_PICTURE),
        (drawn("GIF"), NO_PICTURE),
        (moving("GIF"), NO_PICTURE),
        (moving("PNG"), NO_PICTURE),
        (drawn("WEBP"), NO_PICTURE),
        (drawn("PNG", (500, 500))[:-900], NO_PICTURE),
        (drawn("JPEG", (500, 500))[:600], NO_PICTURE),
        (drawn("PNG")[:20], NO_PICTURE),
        (bomb(50_000, 50_000), NO_PICTURE),
        (bomb(6_000, 5_001), NO_PICTURE),
        (bomb(0, 9), NO_PICTURE),
    ],
)
def test_what_is_no_picture_is_refused_with_one_sentence(visit, morgan, content, sentence):
    manager = visit(morgan)
    manager.get(PAGE)
    page = supply(manager, content, "talk", 422)
    assert page.errors == f"There is a problem {sentence}"
    assert page.soup.select_one('.govuk-error-summary a[href="#picture-talk"]')
    assert page.soup.select_one("#picture-talk")["aria-describedby"].split()[-1] == "picture-talk-error"
    assert kept() == []
    assert "Saved. Letters show your picture from now on." in supply(manager, drawn(), "talk")


def test_a_large_file_is_told_so(visit, morgan):
    manager = visit(morgan)
    answer = manager.send("POST", f"{PAGE}/rent", b"x" * 2_000_001, content_type="multipart/form-data; boundary=x")
    assert "files smaller than 2 MB" in manager.open_answer(answer, PAGE, 413)
    assert kept() == []


def test_a_picture_from_a_phone_stands_upright_and_says_not_where_it_was_taken(visit, morgan):
    taken = Image.new("RGB", (2000, 1000), "white")
    taken.paste("#00f", (0, 0, 1000, 1000))  # on the left, until it is turned
    about = Image.Exif()
    about[0x0112], about[0x010F] = 6, "A phone of Nia's"
    about.get_ifd(0x8825)[1] = "N"
    file = io.BytesIO()
    taken.save(file, "JPEG", exif=about, comment=b"Oak Court")
    manager = visit(morgan)
    manager.get(PAGE)
    supply(manager, file.getvalue(), name="IMG_1.JPG")
    png = kept()[0][1]
    found = Image.open(io.BytesIO(png))
    assert (found.format, found.size, found.mode) == ("PNG", (MOST_A_SIDE // 2, MOST_A_SIDE), "RGB")
    assert found.getpixel((200, 100))[2] > 200 > 60 > found.getpixel((200, 100))[0], "blue is on top"
    assert min(found.getpixel((200, 800))) > 240
    assert not found.getexif() and not found.info and b"Nia" not in png and b"Oak" not in png


@pytest.mark.parametrize(
    ("content", "corner"),
    [
        (drawn(mode="RGBA", colour=(0, 0, 0, 0)), (255, 255, 255)),
        (drawn(mode="LA", colour=(0, 0), size=(1000, 9)), (255, 255, 255)),
        (drawn(mode="P", colour=0, size=(1000, 9), transparency=0), (255, 255, 255)),
        (drawn(mode="1", colour=0, size=(1000, 9)), (0, 0, 0)),
        (drawn(mode="I;16", colour=65_535, size=(1000, 9)), (255, 255, 255)),
        (drawn(mode="I;16", colour=0x8000, size=(1000, 9)), (128, 128, 128)),
        (drawn("JPEG", mode="CMYK", colour=(0, 0, 0, 0)), (255, 255, 255)),
        (drawn("JPEG", mode="L", colour=0), (0, 0, 0)),
    ],
)
def test_every_kind_of_colour_ends_on_white_paper(visit, morgan, content, corner):
    manager = visit(morgan)
    manager.get(PAGE)
    supply(manager, content)
    assert Image.open(io.BytesIO(kept()[0][1])).getpixel((0, 0)) == corner


@pytest.mark.parametrize("mode", ["1", "P", "L"])
def test_thin_lines_of_a_drawing_stay(visit, morgan, mode):
    drawing = Image.new("L", (3600, 400), 255)
    for line in range(40):
        drawing.paste(0, (line * 90 + line % 4, 0, line * 90 + line % 4 + 1, 400))
    file = io.BytesIO()
    drawing.convert(mode).save(file, "PNG")
    manager = visit(morgan)
    manager.get(PAGE)
    supply(manager, file.getvalue())
    found = Image.open(io.BytesIO(kept()[0][1])).convert("L")
    around = [range(max(0, 22 * line + line // 2 - 2), 22 * line + line // 2 + 4) for line in range(40)]
    seen = [min(found.getpixel((x, 50)) for x in some) for some in around]
    assert max(seen) < 230, "each of them leaves its grey"


@pytest.mark.on_both
def test_pressing_twice_counts_once_and_another_picture_counts(visit, morgan):
    manager = visit(morgan)
    page = manager.get(PAGE)
    for content in (drawn(), drawn()):
        manager.page = page
        supply(manager, content)
    supply(manager, drawn(colour="#0b3"))
    rows = kept()
    assert [png is None for _place, png in rows] == [True, False], "only the newest has its picture"
    assert Image.open(io.BytesIO(rows[1][1])).getpixel((0, 0)) == (0, 0xBB, 0x33)
    page = manager.get(PAGE)
    for _ in range(2):
        manager.page = page
        manager.press("Take it away")
    assert len(kept()) == 3
    supply(manager, drawn(colour="#0b3"))
    assert kept()[-1][1] == rows[1][1]


def test_there_are_five_places(visit, morgan):
    manager = visit(morgan)
    for path in ("cellar", "cellar/away", "..%2fprint.css", "fonts.conf"):
        assert manager.send("POST", f"{PAGE}/{path}", {"csrf_token": manager.token()}).status_code == 404
        assert manager.send("GET", f"{PAGE}/{path}.png").status_code == 404


@pytest.mark.sqlite_only
@pytest.mark.slow
@pytest.mark.parametrize("theirs", [False, True])
def test_it_is_a_page_a_language_that_can_be_read_aloud(visit, morgan, sam, eighteen, tmp_path, theirs):  # noqa: F811
    manager = visit(morgan)
    for place in PLACES if theirs else ():
        manager.get(PAGE)
        supply(manager, drawn("JPEG", (300, 900)), place)
    coach = visit(sam)
    data = {"csrf_token": coach.token(), "once": "x", "layout": "easy", "code": [one.code for one in eighteen]}
    (tmp_path / "paper.pdf").write_bytes(coach.send("POST", PDF, data).data)
    assert [one.message for one in validate(tmp_path / "paper.pdf").findings] == []
    pages = PdfReader(tmp_path / "paper.pdf").pages
    assert len(pages) == 36
    assert [*pictures_in(pages[0], pages[35]).values()] == [(300, 900)] * (5 if theirs else 0), "each once in the file"
