"""Records by key and by what they have in common."""

from __future__ import annotations

from dataclasses import dataclass

from registan.core.shelf import Shelf


@dataclass(frozen=True)
class Book:
    key: int
    author: str


def shelf() -> Shelf[Book]:
    return Shelf(lambda book: book.key, author=lambda book: book.author)


def test_groups_follow_what_a_record_becomes():
    books = shelf()
    books.put(Book(2, "a"))
    books.put(Book(1, "a"))
    assert books.put(Book(2, "b")) == Book(2, "a")
    assert books.where("author", "a") == [Book(1, "a")]
    assert books.where("author", "b") == [Book(2, "b")]
    assert books.sorted() == [Book(1, "a"), Book(2, "b")]


def test_dropping_tells_what_was_held_and_leaves_no_group_behind():
    books = shelf()
    books.put(Book(1, "a"))
    assert books.drop(Book(1, "whoever")) == Book(1, "a")
    assert books.drop(Book(1, "a")) is None
    assert books.where("author", "a") == []
    assert len(books) == 0
    assert list(books) == []


def test_a_group_is_listed_by_key():
    books = shelf()
    for key in (3, 1, 2):
        books.put(Book(key, "a"))
    assert [book.key for book in books.where("author", "a")] == [1, 2, 3]
