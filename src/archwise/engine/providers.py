"""What providers of dependency-injector give: what they were told to call, called with what other providers give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine.arguments import Arguments
from archwise.engine.values import ExternalInstance, Generated, Values, union

if TYPE_CHECKING:
    from archwise.engine.inference import Inference

_PROVIDER = "dependency_injector.providers.Provider"


def provided(inference: Inference, arguments: Arguments) -> Values:
    """A provider of dependency-injector: calling it gives what it was told to call, with what it was told to pass."""
    given = Arguments(
        tuple(_resolved(values) for values in arguments.positional[1:]),
        tuple((name, _resolved(values)) for name, values in arguments.keywords),
    )
    made = inference.calls.result(arguments.at(0), given)
    made = union(*(inference.protocols.entered(v) if isinstance(v, Generated) else (v,) for v in made))
    return (ExternalInstance(_PROVIDER, (made,)),)


def _resolved(values: Values) -> Values:
    """What an argument of a provider is passed on as: other providers are called for it."""
    provided = (v.arguments[0] if isinstance(v, ExternalInstance) and v.name == _PROVIDER else (v,) for v in values)
    return union(*provided)
