"""How texts of a path and a query become arguments."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import pytest

from registan.contract.args import Decoder
from registan.contract.route import Method, Route
from registan.contract.target import parse_query
from registan.model.fault import Fault, Refusal
from registan.model.subject import Subject


class Word(StrEnum):
    ONE = "ONE"
    TWO = "TWO"


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    subject: Subject
    other: Subject | None = None
    number: int = 5
    flag_set: bool = False
    word: Word | None = None
    words: tuple[Word, ...] = ()
    texts: tuple[str, ...] = ()
    text: str = ""


DECODER = Decoder(
    Route(name="x.get", method=Method.GET, path="/x/{subject}", args=Args, reply=str, doc="", access=None)
)


def read(query: str = "", subject: str = "s", within: str | None = None) -> Args:
    return DECODER.arguments([subject], parse_query(query.encode()), b"", within)


@pytest.mark.parametrize("text", ["true", "True", "TRUE", "tRuE"])
def test_true_in_any_case(text: str) -> None:
    assert read(f"flagSet={text}").flag_set is True


@pytest.mark.parametrize("text", ["1", "yes", "true%20", "", "false", "False"])
def test_everything_else_is_false(text: str) -> None:
    assert read(f"flagSet={text}").flag_set is False


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), ("%2B7", 7), ("007", 7), ("-7", -7), ("", 5), ("%20", 5), ("2147483647", 2**31 - 1)],
)
def test_numbers(text: str, number: int) -> None:
    assert read(f"number={text}").number == number


@pytest.mark.parametrize(
    "query",
    [
        "number=x",
        "number=1.0",
        "number=%201",
        "number=2147483648",
        "number=-",
        "word=one",
        "words=ONE&words=x",
    ],
)
def test_what_cannot_be_read_is_no_route(query: str) -> None:
    with pytest.raises(Refusal) as refused:
        read(query)
    assert refused.value.fault is Fault.NOT_FOUND


def test_of_a_repeated_single_value_the_first_counts() -> None:
    assert read("text=a&text=b").text == "a"


def test_values_that_may_repeat_are_kept_in_order_and_an_empty_word_is_none() -> None:
    args = read("texts=b&texts=&texts=a&words=TWO&words=&words=ONE&word=")
    assert args.texts == ("b", "", "a")
    assert args.words == (Word.TWO, Word.ONE)
    assert args.word is None


def test_snake_case_is_understood_and_unknown_names_are_ignored() -> None:
    assert read("flag_set=true&FlagSet=x&nothing=1").flag_set is True


def test_subjects_stand_in_the_context_of_the_prefix_unless_they_name_one() -> None:
    args = read("other=:.d:o", "s", within=".c")
    assert (args.subject, args.other) == (Subject(".c", "s"), Subject(".d", "o"))


def test_below_a_prefix_an_absent_subject_of_the_query_is_the_whole_context() -> None:
    assert read(within=".c").other == Subject(".c", "")
    assert read(within=".").other == Subject(".", "")
    assert read().other is None
