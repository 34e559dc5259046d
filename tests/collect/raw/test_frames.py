"""Frames of a remote read, however they are cut on their way."""

import pytest
from support.remote_write import bytes_field, varint

from slo_reports.collect.raw.frames import labels_of, series_in


def castagnoli(data):
    """CRC-32C bit by bit, as its definition says."""
    found = 0xFFFFFFFF
    for byte in data:
        found ^= byte
        for _ in range(8):
            found = found >> 1 ^ (0x82F63B78 if found & 1 else 0)
    return found ^ 0xFFFFFFFF


def label(name, value):
    return bytes_field(1, bytes_field(1, name.encode()) + bytes_field(2, value.encode()))


def frame(labels, *chunks):
    series = b"".join(label(*one) for one in labels) + b"".join(bytes_field(2, c) for c in chunks)
    message = bytes_field(1, series)
    return varint(len(message)) + castagnoli(message).to_bytes(4, "big") + message


API = [("__name__", "requests"), ("job", "api"), ("code", "200")]
WEB = [("__name__", "requests"), ("job", "wéb"), ("code", "")]
ANSWER = frame(API, b"a" * 150, b"b") + frame(API, b"c") + frame(WEB, b"d" * 70_000) + frame(API)
SERIES = [
    (API, bytes_field(2, b"a" * 150) + bytes_field(2, b"b") + bytes_field(2, b"c")),
    (WEB, bytes_field(2, b"d" * 70_000)),
    (API, b""),
]


def test_the_definition_of_the_checksum():
    assert castagnoli(b"123456789") == 0xE3069283


@pytest.mark.parametrize("size", [1, 2, 7, 160, 65_536, 1_000_000])
def test_pieces_of_any_size_make_the_same_series(size):
    parts = [ANSWER[at : at + size] for at in range(0, len(ANSWER), size)]
    found = [(labels_of(fields), chunks) for fields, chunks in series_in(parts)]
    assert found == [
        (tuple(sorted(pair for pair in labels if pair[0] != "__name__")), chunks)
        for labels, chunks in SERIES
    ]


@pytest.mark.parametrize("kept", [1, 3, 6, 100, len(ANSWER) - 1])
def test_an_answer_that_is_broken_off_is_no_answer(kept):
    with pytest.raises(ValueError, match="broken off"):
        list(series_in([ANSWER[:kept]]))


@pytest.mark.parametrize("place", [2, 6, 50, 200])
def test_an_answer_that_was_changed_is_no_answer(place):
    changed = bytearray(ANSWER)
    changed[place] ^= 4
    with pytest.raises(ValueError, match="changed on its way"):
        list(series_in([bytes(changed)]))


@pytest.mark.parametrize("text", [b"<html>you are not logged in</html>", b"\xff" * 40])
def test_something_else_is_no_answer(text):
    with pytest.raises(ValueError, match=r"broken off|changed|not as a remote read"):
        list(series_in([text]))


def test_a_frame_without_end_is_not_waited_for():
    with pytest.raises(ValueError, match="not as a remote read"):
        list(series_in([varint(2**40) + bytes(20)]))


def test_no_series_are_an_answer():
    assert list(series_in([])) == []
