"""Codes that people type: an alphabet without look-alikes, made from a page's once token, kept only as a hash."""

import hmac
import unicodedata
from collections.abc import Callable

from flask import current_app

from deal.idempotency import answers_again
from deal.undo import cannot_be_undone

# no 0 O, 1 I L, 2 Z, 5 S, 8 B, U V, G 6: 23 signs, 4.5 bits each
ALPHABET = "ACDEFHJKLMNPQRTVWXY3479"
CODE_LENGTH = 15  # 67 bits
NAME_LENGTH = 8
# what each sign that no code has may have been, where there is a likely one
TAKEN_FOR = {"0": "D, Q", "O": "D, Q", "1": "L, J, 7", "I": "L, J, T", "2": "7", "Z": "7", "5": "3", "S": "3", "8": "3"}
TAKEN_FOR |= {"B": "E, R", "G": "C, Q", "6": "C, E", "U": "V, J"}


def shows_a_code(view: Callable) -> Callable:
    """Label a view whose answer is a code: a second press shows the same, and none is undone."""
    return answers_again(cannot_be_undone("a code was shown on the page, and may be on paper already")(view))


def derive_code(token: str, purpose: str, length: int = CODE_LENGTH, alphabet: str = ALPHABET) -> str:
    """The code that belongs to a random token of at least 128 bits, which nobody keeps.

    The same token gives the same code, so that a double press is answered with the letter of the first; without
    the token neither the database nor the key file gives the code away.
    """
    number = int.from_bytes(hmac.digest(_key(), f"{purpose}:{token}".encode(), "sha512"), "big")
    signs = []
    for _ in range(length):
        number, place = divmod(number, len(alphabet))
        signs.append(alphabet[place])
    return "".join(signs)


def plain(typed: str | None) -> str:
    """A code or a PIN as typed: in ASCII digits and capitals, without blanks, dashes and what nobody sees.

    Full-width letters and the digits of any script are the same letters and digits.
    """
    signs = unicodedata.normalize("NFKC", (typed or "")[:200]).upper()
    return "".join(str(unicodedata.decimal(sign, sign)) for sign in signs if sign.isalnum())


def grouped(code: str, size: int = 3) -> str:
    """A code in groups, as it is printed: ACD-EFH-JKL."""
    return "-".join(code[start : start + size] for start in range(0, len(code), size))


def code_hash_of(typed: str | None) -> str:
    """A code's keyed hash, however it is typed: a code must be looked up, so it cannot be argon2."""
    return keyed_hash(plain(typed))


def keyed_hash(text: str) -> str:
    """HMAC-SHA256 of exactly this text, under the key file."""
    return hmac.digest(_key(), text.encode(), "sha256").hex()


def _key() -> bytes:
    return current_app.config["CODE_KEY"].encode()
