"""What can keep a skill command from doing its job: each message is one line that names the thing and the remedy."""


class SkillError(Exception):
    """The job cannot be done as asked."""


class RefusedError(SkillError):
    """A source, a path or a skill is not safe to take."""


class MissingExtraError(SkillError):
    """The skill commands need a package that the base install does not bring."""

    def __init__(self, package: str) -> None:
        super().__init__(
            f"{package} is not installed: pip install 'archwise[skills]' brings what `archwise skill` needs"
        )
