from __future__ import annotations

import base64
import json
import random

import pytest

from tui.core.leaks import Leaks
from tui.core.secrets import Mask

KEY = "AIzaSyA1" + "b-_2" * 7 + "xyz"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f'"{KEY}"', "an API key"),
        (f"x{KEY}", "an API key"),
        ("AQ." + "a" * 40, "an API key"),
        ("ya29.abcdefghijklmnop", "an OAuth token"),
        ("auth_tokens%2F0123456789", "an ephemeral token"),
        (r"auth_tokens\/0123456789", "an ephemeral token"),
        ("Authorization: Bearer abcdefgh", "a bearer token"),
        ("wss://h/ws?key=0123456789", "a key in a URL"),
        ("wss://h/ws?a=1&access_token=0123456789", "a token in a URL"),
        ('{"newHandle": "0123456789"}', "a resumption handle"),
        (r'{"text":"{\"new_handle\": \"0123456789\"}"}', "a resumption handle"),
        ("what the session knows: s3cr3t-0123", "a credential of this session"),
        ("AIza is how keys begin, and a bearer of news", ""),
        ('{"newHandle": "Cihi***0123"} ?key=AIza***2xyz Bearer ***', ""),
    ],
)
def test_what_is_a_credential(text: str, found: str) -> None:
    assert Leaks(["s3cr3t-0123"]).find(text.encode()) == found


def test_looks_into_base64_that_is_text() -> None:
    message = base64.b64encode(json.dumps({"text": f"my key is {KEY}"}).encode()).decode()
    har = json.dumps({"type": "receive", "opcode": 2, "data": message})
    assert Leaks().find(har.encode()) == "an API key"
    twice = base64.b64encode(har.encode())
    assert Leaks().find(b'{"data":"' + twice + b'"}') == "an API key"


def test_a_piece_may_begin_amidst_base64() -> None:
    message = base64.b64encode(b"." * 61 + f"my key is {KEY} and more".encode())
    assert [bool(Leaks().find(message[cut:])) for cut in range(5)] == [True] * 5


def test_sound_is_no_credential_by_chance() -> None:
    """In an hour of it `AIza` stands some thirty times, a third of them like a key."""
    sound = base64.b64encode(random.Random(7).randbytes(9600)).decode()
    assert not Leaks().find(f'{{"data":"{sound[:4000]}{KEY}{sound[4000:]}"}}'.encode())
    assert not Leaks().find(random.Random(7).randbytes(1 << 20))


def test_what_the_mask_has_masked_holds_none() -> None:
    text = f"https://h/?key={KEY} Bearer ya29.abcdefghijkl auth_tokens/abcdefgh"
    said = json.dumps({"newHandle": "h-0123456789", "text": text})
    assert Leaks().find(said.encode())
    assert not Leaks(["h-0123456789"]).find(Mask(handles=True).payload(said.encode()))
