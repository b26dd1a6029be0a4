"""Replaces functions of the emulator, and fails with a clear message if they have changed."""

import inspect
from importlib.metadata import version
from typing import Any, Callable

PINNED_VERSION = "1.5.33"


def require_pinned_version() -> None:
    """The patches use private names of the emulator, which any release may change."""
    installed = version("ministack")
    if installed != PINNED_VERSION:
        raise SystemExit(f"the local AWS patches ministack {PINNED_VERSION}, but {installed} is installed")


def existing(module: Any, name: str, parameters: tuple[str, ...]) -> Callable:
    """Returns a function of the emulator after checking that it has the expected parameters."""
    function = getattr(module, name, None)
    if function is None:
        raise SystemExit(f"the local AWS needs {module.__name__}.{name}, which ministack {version('ministack')} lacks")
    found = tuple(inspect.signature(function).parameters)
    if found[: len(parameters)] != parameters:
        raise SystemExit(f"{module.__name__}.{name} takes {found}, but the local AWS was written for {parameters}")
    return function


def wrap(module: Any, name: str, parameters: tuple[str, ...], wrapper: Callable[[Callable], Callable]) -> None:
    """Replaces a function of the emulator with the result of `wrapper`."""
    setattr(module, name, wrapper(existing(module, name, parameters)))
