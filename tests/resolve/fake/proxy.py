"""What Resolve hands to a script: objects that say yes to every name and promise too much.

`hasattr` is True for every name and an unknown one is None. Arguments are checked against the
table; a method that the table has and this fake has not raises NotImplementedError, so that nothing
is tested against a guess. While the upsell dialog is open, every call fails.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from resolve.fake.api import Signature, WrongCall, table

if TYPE_CHECKING:
    from resolve.fake.world import World


class Proxy:
    _kind = ""  # of the table

    def __init__(self, world: World, *about: Any) -> None:
        self._world = world
        self._about = about

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("_"):
            return object.__getattribute__(self, name)
        world = object.__getattribute__(self, "_world")
        kind = type(self)._kind
        signature = table()[kind].get(name)
        if signature is None:
            return world.constant(name) if kind == "Resolve" else None
        if signature.since > world.profile.version[0]:
            return None
        return _Call(self, name, signature)

    def __dir__(self) -> list[str]:
        version = self._world.profile.version[0]
        return [name for name, one in table()[self._kind].items() if one.since <= version]


class _Call:
    def __init__(self, owner: Proxy, name: str, signature: Signature) -> None:
        self._owner, self._name, self._signature = owner, name, signature

    def __call__(self, *given: Any, **named: Any) -> Any:
        owner, world = self._owner, self._owner._world
        called = f"{owner._kind}.{self._name}"
        if named:
            raise WrongCall(f"{called} takes no named arguments")
        self._signature.check(called, given)
        world.calls.append((called, given))
        if self._signature.is_studio and not world.profile.is_studio:
            world.is_modal = True
        if world.is_modal:
            return False if self._signature.returns == "bool" else None
        return self._way(called)(owner, *given)

    def _way(self, called: str) -> Callable[..., Any]:
        way = type(self._owner).__dict__.get(self._name)
        if way is None:
            raise NotImplementedError(f"{called} is in the README and not in the fake")
        return way
