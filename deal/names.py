"""Names: what is kept of one that is typed, how it stands in a sentence, and what is compared of it."""

import unicodedata
from collections.abc import Iterator

_BLANK_LETTERS = dict.fromkeys(map(ord, "\u115f\u1160\u3164\uffa0\u2800"), " ")  # letters that show nothing
# letters that NFKD does not take apart, as people who search type them: ð, đ and ɖ have one capital to the eye
_PLAIN_LETTERS = dict(zip("łđðɖøħŧıŋ", "ldddohtin", strict=True)) | {"æ": "ae", "œ": "oe", "þ": "th"}
APOSTROPHES = "'`´‘’‛′ʹʻʼʽʾʿˈˊˋ՚׳ꞌ＇"
_FOLDED = str.maketrans(_PLAIN_LETTERS | dict.fromkeys(APOSTROPHES, ""))
_DRAWN_AS_NOTHING = set("\u034f\u115f\u1160\u17b4\u17b5\u2800")  # beside marks and signs of format


def one_line(value: str | None) -> str | None:
    """A name or another line with every letter, single spaces, and nothing that cannot be seen."""
    if not value:
        return value
    seen = value if value.isprintable() else "".join(_seen(value))
    return " ".join(seen.translate(_BLANK_LETTERS).split())


def _seen(value: str) -> Iterator[str]:
    """Without controls, signs that turn the line around, and joiners where no script and no emoji needs them."""
    before = ""
    for sign in value:
        kind = unicodedata.category(sign)
        joins = sign in "\u200c\u200d" and before and unicodedata.category(before) in ("Lo", "Mc", "Mn", "Sk", "So")
        tags = "\U000e0020" <= sign <= "\U000e007f" and (before == "🏴" or "\U000e0020" <= before <= "\U000e007f")
        if sign.isspace() or kind not in ("Cc", "Cf", "Cs") or joins or tags:  # tags: the flag of Wales
            yield sign
            before = sign


def isolated(name: str) -> str:
    """Somebody's name for a sentence that is plain text: one that runs right to left leaves the words beside it alone.

    In templates the element bdi does this.
    """
    turns = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in name)
    return f"\u2068{name}\u2069" if turns else name


def name_key(name: str, most: int | None = 200) -> str:
    """A name as it is sorted, searched and compared: words of small letters and numbers, the same on both databases.

    Without marks, apostrophes and what cannot be seen; a dash and other punctuation part two words. Where nothing
    would be left, its punctuation stays.
    """
    plain = unicodedata.normalize("NFKD", name.translate(_FOLDED)).casefold().translate(_FOLDED)
    seen = "".join(letter for letter in unicodedata.normalize("NFKD", plain) if letter.isspace() or _is_seen(letter))
    words = "".join(" " if unicodedata.category(letter)[0] in "PZ" or letter in "−\t\n" else letter for letter in seen)
    return " ".join((words if words.strip() else seen).split())[:most].strip()


def _is_seen(letter: str) -> bool:
    """Whether it is more than a mark on another letter, or a sign that is not drawn."""
    shown = unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Me") and letter not in _DRAWN_AS_NOTHING
    return shown and not unicodedata.combining(letter) and not unicodedata.name(letter, "").startswith("VARIATION SEL")


def are_letters(words: str) -> bool:
    """Whether a database can keep them: a terminal may give bytes that are none."""
    return "\0" not in words and words.encode(errors="replace").decode() == words
