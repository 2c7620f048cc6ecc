"""Every knowledge file is well formed and speaks only for the import root it is named after."""

from collections import Counter
from collections.abc import Iterator

import pytest

from archwise.knowledge.loader import KnowledgeError, available, load, parse
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


@pytest.fixture(scope="module")
def files() -> dict[str, File]:
    return load(available())


def test_a_file_that_is_not_of_the_schema_is_named() -> None:
    with pytest.raises(KnowledgeError, match=r"^acme\.toml: .*`blocked`"):
        parse(
            'library = { name = "acme", source = "" }\nfunction = [{ names = ["acme.get"], blocked = "network" }]',
            "acme.toml",
        )


def test_each_file_says_where_its_facts_were_read(files: dict[str, File]) -> None:
    assert len(files) > 1_350
    assert [root for root, file in files.items() if not file.library.source.startswith("https://")] == []


def test_names_start_with_the_import_root(files: dict[str, File]) -> None:
    assert [name for root, file in files.items() for name in names_of(file) if name.split(".")[0] != root] == []


def test_no_name_is_given_twice(files: dict[str, File]) -> None:
    for file in files.values():
        names = [name for function in file.function for name in function.names]
        names += [name for cls in file.class_ for name in (cls.name, *cls.aliases)]
        assert [name for name, times in Counter(names).items() if times > 1] == []
