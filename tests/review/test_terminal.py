"""A review on a terminal: what stands where, in which colours, how wide."""

import re
from collections.abc import Callable

from small_programs import API, Reviewed

from archwise.review.terminal import render

_PAINT = re.compile(r"\x1b\[[\d;]*m")
BLOCKING = API | {
    "shop/routes/slow.py": """
        import time
        from fastapi import APIRouter
        router = APIRouter()

        @router.get("/slow")
        async def slow():
            time.sleep(1)
        """
}


def test_what_to_look_at_stands_before_what_only_backs_it(reviewed: Callable[..., Reviewed]) -> None:
    lines = render(*reviewed(BLOCKING)).splitlines()
    assert lines[0].startswith("shop: A small service on FastAPI")
    order = ["  ✓ Framework ", "Found by check: 3 causes at 3 places", "Checklist", "Figures"]
    at = [next(number for number, line in enumerate(lines) if line.startswith(each)) for each in order]
    assert at == sorted(at)
    assert "        shop/routes/slow.py:8" in lines


def test_lines_fit_the_terminal_and_say_the_same(reviewed: Callable[..., Reviewed]) -> None:
    done = reviewed(BLOCKING)
    whole = render(*done)
    assert max(map(len, whole.splitlines())) > 120
    for width in (60, 80, 120):
        wrapped = render(*done, width=width)
        assert max(map(len, wrapped.splitlines())) <= width
        assert wrapped.split() == whole.split()


def test_colour_adds_nothing_and_takes_nothing_away(reviewed: Callable[..., Reviewed]) -> None:
    done = reviewed(BLOCKING)
    painted = render(*done, color=True, width=80)
    assert "\x1b[32m✓\x1b[0m Framework" in painted
    assert "\x1b[1;31mAW201\x1b[0m `time.sleep`" in painted
    assert _PAINT.sub("", painted) == render(*done, width=80)
