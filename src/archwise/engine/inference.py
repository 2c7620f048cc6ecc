"""What an expression can be: evaluates operations on demand, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine.annotations import Annotations
from archwise.engine.attributes import ATTRIBUTES
from archwise.engine.calls import Calls
from archwise.engine.carried import Carried
from archwise.engine.classes import Classes
from archwise.engine.construction import Construction
from archwise.engine.containers import Containers
from archwise.engine.decorators import Decorators
from archwise.engine.names import Names
from archwise.engine.operations import EVALUATE
from archwise.engine.parameters import Parameters
from archwise.engine.protocols import Protocols
from archwise.engine.steps import Steps
from archwise.engine.substitute import Substitution
from archwise.engine.values import NOTHING, UNKNOWN_VALUES, External, ExternalMethod, Value, Values

if TYPE_CHECKING:
    from archwise.engine import ir
    from archwise.engine.program import Code, Program
    from archwise.knowledge.facts import Facts
    from archwise.knowledge.schema import Boundary

_SHALLOW = 2
_DEEPEST_DEMAND = 150
"""Operations that ask for one another, well below the interpreter's own limit."""


class Inference:
    """The values of a program's expressions."""

    def __init__(self, program: Program, facts: Facts) -> None:
        self.program = program
        self.facts = facts
        self.names = Names(self)
        self.classes = Classes(self)
        self.containers = Containers(self)
        self.parameters = Parameters(self)
        self.calls = Calls(self)
        self.construction = Construction(self)
        self.carried = Carried(self)
        self.protocols = Protocols(self)
        self.annotations = Annotations(self)
        self.substitution = Substitution(self)
        self.decorators = Decorators(self)
        self.steps = Steps(self)
        self._depth = 0

    def values(self, code: Code, index: int) -> Values:
        """What the operation ``index`` of ``code`` may be, in terms of the parameters around it.

        Never empty, but for an operation that is being evaluated already: a value that is made of itself, as in
        ``node = node.next``, comes to what the rest of it comes to.
        """
        if index == 0:
            return UNKNOWN_VALUES
        found = code.values[index]
        if found is not None:
            return found
        if self._depth > _DEEPEST_DEMAND:
            return UNKNOWN_VALUES
        code.values[index] = NOTHING
        op = code.scope.ops[index]
        self._depth += 1
        found = EVALUATE[type(op)](self, code, op, index) or UNKNOWN_VALUES
        self._depth -= 1
        code.values[index] = found
        return found

    @property
    def is_shallow(self) -> bool:
        """Whether no more is being evaluated than a name, and what is done with it: what is found then is whole."""
        return self._depth <= _SHALLOW

    def attribute(self, value: Value, name: str) -> Values:
        """What ``value.name`` may be."""
        handler = ATTRIBUTES.get(type(value))
        return handler(self, value, name) if handler is not None else UNKNOWN_VALUES

    def boundary(self, code: Code, op: ir.Call) -> Boundary | None:
        """How the library runs what this call hands it; None unless all that the callee may be says the same."""
        found: list[Boundary | None] = []
        for value in self.values(code, op.function):
            if isinstance(value, External):
                found.append(self.facts.boundary(value.name))
            elif isinstance(value, ExternalMethod):
                found.append(self.facts.boundary(f"{value.receiver.name}.{value.name}"))
            else:
                return None
        return found[0] if found and all(each is found[0] for each in found) else None
