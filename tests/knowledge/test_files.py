"""Every knowledge file is well formed and speaks only for the import root it is named after."""

from collections.abc import Iterator

import pytest

from archwise.knowledge.loader import available, load
from archwise.knowledge.schema import File


def names_of(file: File) -> Iterator[str]:
    for function in file.function:
        yield from function.names
    for cls in file.class_:
        yield from (cls.name, *cls.aliases)
    for boundary in file.boundary:
        yield from boundary.names
    for handler in file.handler:
        yield from (*handler.decorators, *handler.calls, *handler.bases)
    for mount in file.mount:
        yield from mount.calls
    for request in file.request:
        yield from request.calls
    for response in file.response:
        yield from response.calls
    for revealing in file.revealing:
        yield from revealing.names


@pytest.fixture(params=sorted(available()))
def root(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def file_of(root: str) -> File:
    return load([root])[root]


def test_file_says_where_its_facts_were_read(root: str) -> None:
    assert file_of(root).library.source.startswith("https://")


def test_names_start_with_the_import_root(root: str) -> None:
    strangers = [name for name in names_of(file_of(root)) if name.split(".")[0] != root]
    assert not strangers


def test_no_name_is_given_twice(root: str) -> None:
    file = file_of(root)
    functions = [name for function in file.function for name in function.names]
    classes = [name for cls in file.class_ for name in (cls.name, *cls.aliases)]
    assert sorted(set(functions)) == sorted(functions)
    assert sorted(set(classes)) == sorted(classes)
    assert not set(functions) & set(classes)
