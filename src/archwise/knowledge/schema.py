"""What a knowledge file may say: the schema of ``knowledge/<import root>.toml``.

``docs/knowledge.md`` explains every field with an example.
"""

from typing import Literal

import msgspec

Kind = Literal[
    "network", "database", "file", "metadata", "subprocess", "sleep", "dns", "lock", "input", "cpu", "nested-loop"
]
"""What a call does to the thread that makes it: waits for one of these, or (``cpu``) computes for long.

``metadata`` is a wait for the file system that moves no content: looks at a path, names, links or removes it.
"""

Passing = Literal["inline", "loop", "task", "thread", "process", "greenlet", "enqueue", "new-loop"]
"""How a callable handed to a library comes to run."""

Role = Literal["endpoint", "websocket", "middleware", "dependency", "handler", "startup", "task", "command", "test"]
"""What a framework calls a function for."""

Orm = Literal["django", "sqlalchemy", "tortoise"]
"""Whose way of loading rows and relations a model follows."""


Sync = Literal["thread", "loop", "either", "process", "worker"]
"""Where a plain ``def`` runs that a framework calls; *either* is by how it is served."""

Object = Literal["row", "transaction", "request", "session"]
"""What an object is to a program: a row of a database, an open transaction, the request or session being served."""


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename="kebab"):
    pass


class Library(_Strict, frozen=True):
    """Which package a file speaks for, and where its facts were read."""

    name: str
    source: str
    twin: str | None = None
    built_on: str | None = None
    module_aliases: dict[str, str] = {}
    thread_bound: tuple[str, ...] = ()
    customary: dict[str, str] = {}


class Superseded(_Strict, frozen=True):
    """A package that another one has replaced (AW209)."""

    by: str
    since: str
    source: str
    note: str = ""


class Function(_Strict, frozen=True):
    """Functions that behave alike, by importable dotted name."""

    names: tuple[str, ...]
    blocks: Kind | None = None
    returns: str | None = None
    likely: bool = False
    coroutine: bool = False
    pooled: bool = False
    timeout: str | None = None
    unless: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    twin: str | None = None
    reveals: Literal["text", "trace"] | None = None
    identifies: bool = False
    note: str = ""


class Class(_Strict, frozen=True):
    """A class: what its methods do and what they return."""

    name: str
    aliases: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    twin: str | None = None
    pooled: bool | None = None
    init: Kind | None = None
    enter: Kind | None = None
    yields: str | None = None
    iterates: Kind | None = None
    items: str | None = None
    call: str | None = None
    call_blocks: Kind | None = None
    when_local: tuple[str, ...] = ()
    timeout: str | None = None
    unless: tuple[str, ...] = ()
    unless_made: dict[str, tuple[str, ...]] = {}
    only: dict[str, tuple[str, ...]] = {}
    shares: tuple[str, ...] = ()
    blocks: dict[Kind, tuple[str, ...]] = {}
    likely: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    returns: dict[str, str] = {}
    attributes: dict[str, str] = {}
    coroutines: tuple[str, ...] = ()
    prefix: str | None = None
    stands_for: Object | None = None
    closes: bool = False
    keyed: str | None = None
    checks: tuple[str, ...] = ()
    note: str = ""


class Boundary(_Strict, frozen=True):
    """Functions or methods that run a callable they are given, here or elsewhere."""

    names: tuple[str, ...]
    passes: Passing
    callable: int | str
    keyword: str | None = None
    arguments: int | None = None
    gives: Literal["value", "awaitable", "future", "none"] = "none"
    weak: bool = False


class Relation(_Strict, frozen=True):
    """Constructors that declare, in a model's body, that a row belongs to, or has, rows of another model."""

    names: tuple[str, ...]
    orm: Orm
    holds: Literal["one", "many", "any"]
    back: Literal["one", "many", "none"] = "none"


class Handler(_Strict, frozen=True):
    """How a framework is told to call a function, and where a plain ``def`` then runs.

    ``either`` is a thread or the loop, by how the framework is served: nothing is said of it, nor advised. Where
    ``since`` names a release, it ran on the loop before.
    """

    role: Role
    sync: Sync
    since: str | None = None
    decorators: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    argument: int | None = None
    keyword: str | None = None
    bases: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    defines: tuple[str, ...] = ()
    enqueues: tuple[str, ...] = ()
    drops_coroutines: bool = False
    bounds: tuple[str, ...] = ()
    bounded_by: tuple[str, ...] = ()
    unless_used: tuple[str, ...] = ()
    loop_if_used: tuple[str, ...] = ()
    threaded: str | None = None
    kept: str | None = None
    apart: str | None = None
    path: int = 0
    verb: int | None = None
    http: bool = True
    makes: str | None = None


class Response(_Strict, frozen=True):
    """Calls whose arguments a client gets to see, by position or keyword, ``*`` for all; ``raised`` for exceptions.

    ``aborts`` is for functions that raise such an exception themselves.
    ``status`` are the position and keyword of the status code, ``answers`` is the one that it always has; ``wraps`` is
    the member of a JSON object that the framework puts the content into.
    """

    calls: tuple[str, ...]
    content: tuple[int | str, ...]
    raised: bool = False
    aborts: bool = False
    status: tuple[int | str, ...] = ()
    answers: int | None = None
    wraps: str | None = None


class Revealing(_Strict, frozen=True):
    """Exceptions of a library whose text says more than a client should know: ``tells`` what."""

    names: tuple[str, ...]
    tells: str


class Mount(_Strict, frozen=True):
    """Calls that put the routes made on one object below another: ``app.include_router(router, prefix="/v1")``.

    ``prefix`` is a position or a keyword; where ``replaces``, what it gives takes the place of the child's own.
    """

    calls: tuple[str, ...]
    child: int
    keyword: str | None = None
    prefix: int | str | None = None
    replaces: bool = False


class Request(_Strict, frozen=True):
    """Calls that send a request to the URL they are given, by position or as ``url`` (AW903).

    ``base`` is the keyword by which the client was given what stands before its URLs; with a keyword of ``inside``, it
    answers within the process.
    """

    calls: tuple[str, ...]
    url: int = 0
    base: str | None = None
    inside: tuple[str, ...] = ()


class Runner(_Strict, frozen=True):
    """A pytest plugin that runs async tests, and how a test or a project asks it to."""

    distributions: tuple[str, ...]
    marks: tuple[str, ...] = ()
    settings: dict[str, str] = {}
    options: tuple[str, ...] = ()
    fixtures: tuple[str, ...] = ()
    always: bool = False


class Removed(_Strict, frozen=True):
    """An argument that callables no longer take (AW902)."""

    names: tuple[str, ...]
    keyword: str
    distribution: str
    since: str
    instead: str
    source: str


class File(_Strict, frozen=True):
    """One knowledge file."""

    library: Library
    superseded: Superseded | None = None
    function: tuple[Function, ...] = ()
    class_: tuple[Class, ...] = msgspec.field(default=(), name="class")
    boundary: tuple[Boundary, ...] = ()
    relation: tuple[Relation, ...] = ()
    handler: tuple[Handler, ...] = ()
    mount: tuple[Mount, ...] = ()
    request: tuple[Request, ...] = ()
    runner: tuple[Runner, ...] = ()
    removed: tuple[Removed, ...] = ()
    response: tuple[Response, ...] = ()
    revealing: tuple[Revealing, ...] = ()
