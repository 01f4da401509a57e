"""A picture beside what can be ticked, where the option says what ours said: it helps whoever finds reading hard."""

import tomllib
from pathlib import Path

# emoji by the option's words in English
PICTURES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


def picture_beside(choice: dict[str, str]) -> str | None:
    """The static file of a choice's picture."""
    emoji = PICTURES.get(choice.get("en", ""))
    return f"tick/{ord(emoji):x}.svg" if emoji else None
