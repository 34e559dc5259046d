r"""Regular expressions of label matchers.

Prometheus reads them with RE2; Python's ``re`` stands in for it here. What RE2 lacks (looking
around, backreferences, possessive and atomic groups) is refused by name; what Python lacks
(``\pL``, ``\z``, ``\Q..\E``, ``[[:alpha:]]``, flags in the middle) is replaced before trying.
"""

from __future__ import annotations

import re
import warnings

_TOKEN = re.compile(
    r"""
      (?P<literal> \\Q.*?(?:\\E|$) )
    | (?P<back>    \\[1-9] | \(\?P= )
    | (?P<escape>  \\p\{\^?\w*\} | \\p\w | \\P\{\^?\w*\} | \\P\w | \\x\{[0-9a-fA-F]+\} | \\[zC] )
    | (?P<other>   \\. )
    | (?P<set>     \[\^?\]?(?: \[:\^?\w+:\] | \\. | [^\]\\] )*\] )
    | (?P<look>    \(\?<?[=!] )
    | (?P<atomic>  \(\?> | [*+?]\+ | \{[0-9]+(?:,[0-9]*)?\}\+ )
    | (?P<cond>    \(\?\( )
    | (?P<named>   \(\?<(?=\w) )
    | (?P<flags>   \(\?[imsU-]+ (?P<closing>[:)]) )
    """,
    re.VERBOSE | re.DOTALL,
)
_LACKING = {
    "look": "looking around, such as (?=...) or (?!...)",
    "back": r"backreferences, such as \1",
    "atomic": "atomic groups and possessive repeats, such as (?>...) or a*+",
    "cond": "conditions, such as (?(1)...)",
}


def check_regex(pattern: str) -> None:
    """Raise ValueError where Prometheus would not take a pattern, as far as Python can tell."""
    for token in _TOKEN.finditer(pattern):
        lacking = _LACKING.get(token.lastgroup or "")
        if lacking is not None:
            msg = f"the regex {pattern!r} uses what Prometheus (RE2) does not have: {lacking}"
            raise ValueError(msg)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            re.compile(_TOKEN.sub(_for_python, pattern))
    except (re.error, OverflowError, RecursionError) as error:
        msg = f"the regex {pattern!r} does not compile: {error}"
        raise ValueError(msg) from error


def _for_python(token: re.Match[str]) -> str:
    if token["literal"]:
        return re.escape(token[0].removeprefix("\\Q").removesuffix("\\E"))
    if token["escape"]:
        return "x"
    if token["set"]:
        plain = re.sub(r"\[:\^?\w+:\]", "x", token[0])
        return re.sub(r"\\p\{\^?\w*\}|\\[pP]\w|\\x\{[0-9a-fA-F]+\}|\\P\{\^?\w*\}", "x", plain)
    if token["named"]:
        return "(?P<"
    if token["flags"]:
        return "(?:" if token["closing"] == ":" else ""
    return token[0]
