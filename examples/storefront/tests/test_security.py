import pytest

from storefront.core.security import InvalidToken, create_token, hash_password, read_token, verify_password


def test_a_password_matches_its_own_hash_only():
    hashed = hash_password("correct horse")
    assert verify_password("correct horse", hashed)
    assert not verify_password("battery staple", hashed)


def test_a_token_names_its_user():
    assert read_token(create_token(7)) == 7


def test_a_forged_token_is_refused():
    with pytest.raises(InvalidToken):
        read_token("not.a.token")
