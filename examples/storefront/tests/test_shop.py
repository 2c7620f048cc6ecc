from fastapi.testclient import TestClient


def test_products_are_listed(client: TestClient):
    [product] = client.get("/api/products").json()
    assert product["sku"] == "mug"


def test_a_user_sees_itself(client: TestClient, token: str):
    answer = client.get("/api/users/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["email"] == "ada@example.test"


def test_nobody_reads_orders_without_a_token(client: TestClient):
    answer = client.get("/api/orders/1")
    assert answer.status_code == 403
    assert answer.json() == {"code": "not_allowed", "message": "log in first"}


def test_the_size_guide_is_a_text(client: TestClient):
    assert "EN 13402" in client.get("/api/products/mug/sizes").text
