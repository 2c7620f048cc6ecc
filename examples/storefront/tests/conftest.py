from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient


@pytest.fixture
def client(tmp_path, monkeypatch) -> Iterator[TestClient]:
    # The engines resolve the database's file when they are made, so the folder is changed first.
    monkeypatch.chdir(tmp_path)
    from storefront.core.database import engine, unit_of_work
    from storefront.main import create_app
    from storefront.models import Base, Product

    Base.metadata.create_all(engine)
    with unit_of_work() as session:
        session.add(Product(sku="mug", name="Mug", price=9, stock=3))
    with TestClient(create_app(limit=None)) as client:
        yield client
    Base.metadata.drop_all(engine)


@pytest.fixture
def token(client: TestClient) -> str:
    credentials = {"email": "ada@example.test", "password": "correct horse"}
    client.post("/api/users", json=credentials).raise_for_status()
    return client.post("/api/users/token", json=credentials).json()["access_token"]
