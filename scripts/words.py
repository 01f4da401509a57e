"""The catalogue of Welsh: found in the code and the templates, brought up to date, compiled. `make words` runs it."""

import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PO = ROOT / "deal" / "translations" / "cy" / "LC_MESSAGES" / "messages.po"
MO = PO.with_suffix(".mo")
WHERE = {"deal": [("**.py", "python")], "templates": [("**.html", "jinja2")]}
KEYWORDS = DEFAULT_KEYWORDS | dict.fromkeys(("_l", "lazy_gettext")) | {"_lp": DEFAULT_KEYWORDS["pgettext"]}


def extracted() -> Catalog:
    """Every sentence that goes through gettext."""
    found = Catalog()
    for folder, methods in WHERE.items():
        options = {"**.html": {"silent": "false"}}
        for _file, _line, message, _comments, context in extract_from_dir(
            ROOT / folder, methods, options_map=options, keywords=KEYWORDS
        ):
            found.add(message, context=context)
    return found


def catalogue() -> Catalog:
    """The Welsh that stands in the file."""
    with PO.open("rb") as file:
        return read_po(file, locale="cy")


def compiled(welsh: Catalog) -> bytes:
    """What the .mo holds."""
    out = io.BytesIO()
    write_mo(out, welsh)
    return out.getvalue()


def untranslated(welsh: Catalog) -> list[str]:
    """The sentences without a Welsh one, in English."""
    return [str(one.id) for one in welsh if one.id and not all(one.string if one.pluralizable else [one.string])]


def main() -> None:
    """Bring both files up to date; a sentence that is new is left empty, and listed."""
    welsh = catalogue()
    welsh.update(extracted(), no_fuzzy_matching=True, update_creation_date=False)
    welsh.obsolete.clear()
    with PO.open("wb") as file:
        write_po(file, welsh, width=120, sort_output=True, no_location=True)
    MO.write_bytes(compiled(catalogue()))
    missing = untranslated(welsh)
    for sentence in missing:
        print(sentence)
    print(f"{len(missing)} sentences have no Welsh yet: write it in {PO.relative_to(ROOT)}, then make words again.")
    sys.exit(bool(missing))


if __name__ == "__main__":
    main()
