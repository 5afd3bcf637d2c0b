"""The language of a text, told from the prose at its head."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.metadata import version

from py3langid.langid import MODEL_FILE, LanguageIdentifier

UNDETERMINED = "und"

HEAD_CHARS = 2_000
PROSE_CHARS = 400
MIN_LETTER_BYTES = 10
MIN_CONFIDENCE = 0.15

# Changes with the rules below, so that languages kept from other rules are told anew.
_RULES = 1
_NOT_A_LANGUAGE = "zxx"

_CODE_AND_FORMULAS = re.compile(
    r"```.*?(?:```|\Z)"
    r"|`[^`\n]*`"
    r"|\$\$.*?\$\$|\$[^$\n]*\$"
    r"|\\\[.*?\\\]|\\\(.*?\\\)|\\[A-Za-z]+"
    r"|https?://\S+"
    r"|</?[A-Za-z][^<>]*>",
    re.DOTALL,
)
_CODE_WORD = re.compile(r"(?<![!-~])[!-~]*(?:[=_{}<>\\^|;@~]|[A-Za-z0-9][(\[])[!-~]*")
_WORD = re.compile(r"[^\W\d_]{2,}|[^\W\d_A-Za-z]")
# Short ASCII prose that leaves doubt is English, if English is not much less likely than the first guess.
_DOUBTFUL = 0.5
_ENGLISH_SHARE = 0.25

_KANA = re.compile("[\u3040-\u30ff]")


def detector_name() -> str:
    """Return what a language was told by: the package with its version, and the version of the rules."""
    return f"py3langid {version('py3langid')}, rules {_RULES}"


def known_languages() -> frozenset[str]:
    """Return the codes that `detect` may return."""
    return frozenset(_identifier().nb_classes) - {_NOT_A_LANGUAGE} | {UNDETERMINED}


def detect(text: str) -> str:
    """Return the language of a text.

    Parameters
    ----------
    text : str
        Its first 2,000 characters are looked at, and of them 400 without code, formulas, markup and links.

    Returns
    -------
    str
        An ISO 639-1 code, or ``und`` where the text is too short, has hardly any prose, or leaves doubt.

    Notes
    -----
    The same text gives the same language in every thread; nothing is kept between calls.
    """
    prose = _prose(text)
    if _letter_bytes(prose) < MIN_LETTER_BYTES:
        return UNDETERMINED
    language, confidence = _guess(prose)
    if confidence < MIN_CONFIDENCE or language == _NOT_A_LANGUAGE:
        return UNDETERMINED
    if language == "ja" and not _KANA.search(prose):
        return "zh"
    return language


def _guess(prose: str) -> tuple[str, float]:
    language, confidence = _identifier().classify(prose)
    if confidence < _DOUBTFUL and language != "en" and prose.isascii():
        english = dict(_identifier().rank(prose))["en"]
        if english >= _ENGLISH_SHARE * confidence:
            return "en", confidence + english
    return str(language), float(confidence)


def _prose(text: str) -> str:
    without_code = _CODE_WORD.sub(" ", _CODE_AND_FORMULAS.sub(" ", text[:HEAD_CHARS]))
    return " ".join(_WORD.findall(without_code))[:PROSE_CHARS]


def _letter_bytes(prose: str) -> int:
    """Count the bytes of the letters: a Chinese letter says as much as three Latin ones."""
    return len(prose.replace(" ", "").encode("utf-8", "replace"))


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    # Without the close relatives that have no two-letter code, such as Egyptian Arabic beside Arabic.
    identifier.set_languages([code for code in identifier.labels if len(code) == 2 or code == _NOT_A_LANGUAGE])
    return identifier
