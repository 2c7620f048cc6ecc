from ..core.settings import get_settings


def load_text(name: str) -> str:
    path = get_settings().texts / f"{name}.txt"
    with open(path, encoding="utf-8") as file:
        return file.read()
