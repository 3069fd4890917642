"""Memos: what was parsed or judged once, by content, bounded in bytes.

A memo never changes an answer, only its price. The least recently used entries go first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from enum import Enum
from hashlib import blake2b
from threading import Lock
from typing import Any, Generic, NamedTuple, TypeVar

from registan.formats.protocol import Incompatibility, Invalid, Policy, References, SchemaFormat
from registan.model.schema import SchemaType, Source

V = TypeVar("V")

FORM_FACTOR = 6
"""Bytes of a parsed form per character of its text, roughly."""

TEXT_BYTES = 500
"""What it takes to know a text, without the text."""

NO_REFERENCES: References = {}

LONG_CHARS = 16 * 1024
"""From here on a form is kept at first sight, and so is a refusal: the loop finds what was found off it.

A shorter one is kept only when it is asked for again. Otherwise texts that are checked once and never
again would drive out those that all are compared with.
"""

LARGEST_SHARE = 2
"""One value may take half of a memo: a large schema is parsed only once while it is being registered."""


class Memo(Generic[V]):
    """A bounded map from content to value."""

    def __init__(self, bytes_max: int) -> None:
        self.bytes_max = bytes_max
        self.bytes = 0
        self._entries: OrderedDict[Hashable, tuple[V, int]] = OrderedDict()
        self._lock = Lock()
        """Large texts are parsed in another thread (`runtime/warm.py`)."""

    def get(self, key: Hashable) -> V | None:
        """The value, now the most recently used."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        try:  # noqa: SIM105  (`suppress` would cost more than all the rest)
            self._entries.move_to_end(key)
        except KeyError:  # the other thread may just have forgotten it
            pass
        return entry[0]

    def put(self, key: Hashable, value: V, size: int) -> None:
        """Keep a value of `size` bytes, unless it alone would take too large a share."""
        if size * LARGEST_SHARE > self.bytes_max:
            return
        with self._lock:
            if key in self._entries:
                return
            self._entries[key] = (value, size)
            self.bytes += size
            while self.bytes > self.bytes_max:
                _, (_, freed) = self._entries.popitem(last=False)
                self.bytes -= freed

    def drop(self, key: Hashable) -> None:
        """Forget one."""
        with self._lock:
            self.bytes -= self._entries.pop(key, (None, 0))[1]

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
            self.bytes = 0


class Parsed:
    """A text that was parsed: what is stored for it, and its form, read again where it was forgotten."""

    __slots__ = ("_form", "_text", "format", "key", "refs")

    def __init__(
        self,
        format_: SchemaFormat[Any],
        form: Any,  # noqa: ANN401
        key: Hashable,
        text: str | None = None,
        refs: References = NO_REFERENCES,
    ) -> None:
        self.format = format_
        self.key = key
        """Tells its content from others."""
        self._text = text
        self._form = form
        self.refs = refs

    @classmethod
    def recalled(cls, format_: SchemaFormat[Any], text: str, refs: References, key: Hashable) -> Parsed:
        """One whose canonical text is known; the form comes when it is asked for."""
        return cls(format_, None, key, text, refs)

    @property
    def text(self) -> str:
        """The canonical text; printed when it is first asked for."""
        if self._text is None:
            self._text = self.format.canonical(self._form)
        return self._text

    def evidently_reads(self, writer: Parsed) -> bool:
        """Whether the canonical texts alone show that it can read all that `writer` wrote.

        Asked only where both are at hand: to print one takes longer than to compare.
        """
        mine, theirs = self._text, writer._text
        if mine is None or theirs is None or self.refs or writer.refs:
            return False
        return self.format.evidently_reads(mine, theirs)

    @property
    def form(self) -> Any:  # noqa: ANN401
        """The parsed form of the canonical text. Raises `Invalid` only where that no longer parses."""
        if self._form is None:
            form = FORMS.get(self.key)
            if form is None:
                form = self.format.parse(Source(self.format.type, self.text), self.refs, strict=False)
                FORMS.put(self.key, form, _form_bytes(self.text))
            self._form = form
        return self._form


class _Text(NamedTuple):
    """What became of a text."""

    key: Hashable
    canonical: str | None
    """None where the text is its own."""


UNPRINTED = "unprinted"
"""Stands for the canonical text of one that was read once, and not printed."""


class Wanted(Enum):
    """What somebody who has a text parsed will look at."""

    BOTH = "both"
    TEXT = "text"
    """The canonical text: there is nothing to compare it with."""
    VERDICT = "verdict"
    """Nothing itself: it is compared, and not stored."""


TEXTS: Memo[_Text | Invalid] = Memo(8 * 1024 * 1024)
FORMS: Memo[Any] = Memo(16 * 1024 * 1024)
VERDICTS: Memo[Sequence[Incompatibility] | Invalid] = Memo(4 * 1024 * 1024)


def parse(
    format_: SchemaFormat[Any],
    source: Source,
    refs: References,
    *,
    strict: bool,
    normalize: bool = False,
    wanted: Wanted = Wanted.BOTH,
) -> Parsed:
    """Parse (and normalize) a source, or recall it. Raises `Invalid`, which is recalled for long texts.

    `wanted` is a hint: what is not wanted can be had all the same, at its price.

    A text stays known for far longer than its form, which takes many times the memory: to recognize
    a schema nobody needs the form.
    """
    text = source.text
    key: Hashable = _key(format_.type, text, refs)
    asked = key
    if strict or normalize:
        asked = (key, strict, normalize)
    known = TEXTS.get(asked)
    if known is None and asked is key:
        known = TEXTS.get((key, True, False))  # what passes the stricter checks passes these
        if isinstance(known, Invalid):
            known = None
    if isinstance(known, Invalid):
        raise _again(known)
    if known is not None and known.canonical is not UNPRINTED:
        return Parsed.recalled(format_, text if known.canonical is None else known.canonical, refs, known.key)
    if known is not None:
        TEXTS.drop(asked)
    if wanted is not Wanted.BOTH and not refs and not normalize:
        plain = format_.plain_text(source)
        if plain is not None:
            parsed = Parsed.recalled(format_, plain, refs, key)
            _remember(parsed, text, asked)
            return parsed
    try:
        form = format_.parse(source, refs, strict=strict)
        if normalize:
            form = format_.normalize(form)
    except Invalid as invalid:
        if len(text) >= LONG_CHARS:
            TEXTS.put(asked, _again(invalid), TEXT_BYTES + len(invalid.why))
        raise
    parsed = Parsed(format_, form, key, refs=refs)
    if wanted is Wanted.VERDICT and not normalize and known is None and len(text) < LONG_CHARS:
        # It may never be asked for again: what is not printed yet is not remembered either.
        TEXTS.put(asked, _Text(key, UNPRINTED), TEXT_BYTES)
        return parsed
    _remember(parsed, text, asked)
    if len(text) >= LONG_CHARS:
        FORMS.put(parsed.key, form, _form_bytes(parsed.text))
    return parsed


def _remember(parsed: Parsed, text: str, asked: Hashable) -> None:
    """Know a text from now on; `parsed` gets the key of its canonical text."""
    if parsed.text == text:
        TEXTS.put(asked, _Text(parsed.key, None), TEXT_BYTES)
        return
    parsed.key = _key(parsed.format.type, parsed.text, parsed.refs)
    TEXTS.put(asked, _Text(parsed.key, parsed.text), TEXT_BYTES + len(parsed.text))
    TEXTS.put(parsed.key, _Text(parsed.key, None), TEXT_BYTES)


def incompatibilities(reader: Parsed, writer: Parsed, policy: Policy) -> Sequence[Incompatibility]:
    """Judge a pair, or recall the verdict. Raises `Invalid` where a budget does not suffice for one.

    That is recalled too: it took the most work of all.
    """
    key = (reader.key, writer.key, policy)
    known = VERDICTS.get(key)
    if known is None:
        try:
            if reader.evidently_reads(writer):
                known = ()
            else:
                known = reader.format.incompatibilities(reader.form, writer.form, policy)
        except Invalid as invalid:
            VERDICTS.put(key, _again(invalid), 1000)
            raise
        VERDICTS.put(key, known, 500 + sum(300 + sum(map(len, fault.parts)) for fault in known))
    if isinstance(known, Invalid):
        raise _again(known)
    return known


def _again(invalid: Invalid) -> Invalid:
    """The same refusal without what it was raised from, which would be kept alive."""
    return Invalid(invalid.why, invalid.path, syntax=invalid.syntax)


def _form_bytes(text: str) -> int:
    return 1000 + FORM_FACTOR * len(text)


def _key(type_: SchemaType, text: str, refs: References) -> Hashable:
    """A short name of a content; nobody can find two contents with the same one."""
    named = tuple((name, r.subject, r.version, _digest(r.source.text)) for name, r in refs.items())
    return (type_, _digest(text), named) if named else (type_, _digest(text))


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=20).digest()
