"""The guide in the words of a context: a tool has no routes in its layout."""

from collections.abc import Mapping

import msgspec

from archwise.guide.model import Decision, Guide, Option


def worded(guide: Guide, answers: Mapping[str, str]) -> Guide:
    """The guide with each option said as it is said where these answers hold."""
    return msgspec.structs.replace(
        guide, decisions={name: _decision(each, answers) for name, each in guide.decisions.items()}
    )


def _decision(decision: Decision, answers: Mapping[str, str]) -> Decision:
    if not any(option.wording for option in decision.option):
        return decision
    return msgspec.structs.replace(decision, option=tuple(_option(each, answers) for each in decision.option))


def _option(option: Option, answers: Mapping[str, str]) -> Option:
    for wording in option.wording:
        if all(answers.get(name) in values for name, values in wording.when.items()):
            return msgspec.structs.replace(
                option,
                title=wording.title or option.title,
                good=wording.good or option.good,
                bad=wording.bad or option.bad,
            )
    return option
