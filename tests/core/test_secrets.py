from __future__ import annotations

import base64
import random
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.core.secrets import Mask

KEY = "AIzaSyA1" + "b-_2" * 7 + "xyz"
OWN = "my-very/own+secret=value"


@pytest.mark.parametrize(
    ("payload", "masked"),
    [
        (f'{{"a":"{KEY}"}}', '{"a":"AIza***2xyz"}'),
        (f"https://h/ws?key={KEY}&alt=1", "https://h/ws?key=AIza***2xyz&alt=1"),
        ("https://h/ws?x=1&key=abcdefghijklmnopqrst", "https://h/ws?x=1&key=abcd***qrst"),
        ("?access_token=auth_tokens/0123456789abcdef", "?access_token=auth***cdef"),
        ("?access_token=auth_tokens%2F0123456789abcdef", "?access_token=auth***cdef"),
        (r'{"n":"auth_tokens\/0123456789abcdef"}', '{"n":"auth***cdef"}'),
        ("Authorization: Bearer ya29.abcdefghijklmnop", "Authorization: Bearer ya29***mnop"),
        ("authorization: token auth_tokens/abcdefghijk", "authorization: token auth***hijk"),
        ('{"x-goog-api-key": "0123456789abcdefgh"}', '{"x-goog-api-key": "0123***efgh"}'),
        (
            r'{"q":"{\"api_key\": \"0123456789abcdefgh\"}"}',
            r'{"q":"{\"api_key\": \"0123***efgh\"}"}',
        ),
        (f"say {OWN}!", "say my-v***alue!"),
        ("Bearer tiny-one", "Bearer ***"),
        (f"{KEY} and {KEY}", "AIza***2xyz and AIza***2xyz"),
    ],
)
def test_masks_all_but_the_ends(payload: str, masked: str) -> None:
    assert Mask([OWN]).text(payload) == masked


def spellings(secret: str) -> list[str]:
    return [
        secret,
        quote(secret, safe=""),
        "".join(f"%{ord(c):02x}" for c in secret),
        "".join(f"\\u{ord(c):04X}" for c in secret),
        "".join(f"\\u{ord(c):04x}" if i % 3 else c for i, c in enumerate(secret)),
        secret.replace("/", r"\/"),
    ]


@pytest.mark.parametrize("secret", [KEY, OWN])
def test_knows_a_secret_in_every_spelling(secret: str) -> None:
    for spelling in spellings(secret):
        masked = Mask([OWN]).text(f'{{"text":"before {spelling} after"}}')
        assert masked == f'{{"text":"before {secret[:4]}***{secret[-4:]} after"}}', spelling


@pytest.mark.parametrize(
    "payload",
    ['{"a":"AIza is how keys begin"}', "100% sure", r"a \u00e9 and \/", "key=", "a token of love"],
)
def test_leaves_innocent_text_as_it_is(payload: str) -> None:
    data = payload.encode()
    assert Mask([KEY]).payload(data) is data


def test_audio_is_never_changed_by_chance() -> None:
    """About one in a few thousand audio frames holds `AIza` somewhere in its base64."""
    audio = base64.b64encode(random.Random(7).randbytes(9600)).decode()
    data = f'{{"data":"{audio[:4000]}{KEY}{audio[4000:]}"}}'.encode()
    assert Mask().payload(data) is data


def test_finds_a_known_secret_even_inside_media() -> None:
    audio = base64.b64encode(random.Random(7).randbytes(9600)).decode()
    data = f'{{"data":"{audio}{KEY}{audio}"}}'
    assert KEY not in Mask([KEY]).text(data)


@given(st.binary())
def test_takes_any_bytes(data: bytes) -> None:
    masked = Mask([KEY]).payload(data)
    assert masked is data or b"***" in masked
