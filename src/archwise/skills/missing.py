"""What is said when a package that only the skill commands need is not installed."""


class MissingExtraError(Exception):
    """The skill commands need a package that the base install does not bring."""

    def __init__(self, package: str) -> None:
        super().__init__(
            f"{package} is not installed: pip install 'archwise[skills]' brings what `archwise skill` needs"
        )
