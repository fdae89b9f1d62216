"""Code execution as far as the emulator goes: one sum, by its own parser, never by `eval`."""

from __future__ import annotations

import re

from tui.emulator.mind import arithmetic
from tui.emulator.session.steps import FAILED, Code

_PRINT = re.compile(r"\s*print\s*\((.*)\)\s*;?\s*", re.S)


def run(code: str) -> Code:
    """What running ``code`` gives: a sum, bare or in one `print`; all else fails in words."""
    printed = _PRINT.fullmatch(code)
    expression = printed[1] if printed else code
    shown = code.strip() if printed else _python(expression)
    try:
        result = arithmetic.evaluate(expression)
    except arithmetic.ArithmeticFailure as failure:
        return Code(shown, f"{failure}\n", FAILED)
    if result is None:
        return Code(code.strip(), "The emulator can run nothing but one sum of numbers.\n", FAILED)
    whole = result.denominator == 1 and not re.search(r"[./]", shown)
    return Code(shown, f"{result.numerator if whole else float(result)}\n")


def _python(expression: str) -> str:
    """The sum as a line of Python."""
    symbols = arithmetic.symbols(expression)
    return f"print({symbols.replace('^', '**')})" if symbols else expression.strip()
