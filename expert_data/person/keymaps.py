"""From keys and the mouse to actions."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import gymnasium
import numpy as np
from gymnasium.spaces import Box, Discrete, MultiBinary, Space

from envs.errors import InputError

Keys = frozenset[str]  # names as pygame.key.name gives them
ALIASES = {" ": "space"}
DIGITS = "0123456789"
# Down and up of each number of a continuous action, from the first on.
PAIRS = (("left", "right"), ("down", "up"), ("a", "d"), ("s", "w"), ("q", "e"), ("j", "l"), ("k", "i"), ("u", "o"))


class Controls(Protocol):
    """What keys and the mouse mean in one environment."""

    @property
    def waits(self) -> bool:
        """Does the environment stand still until a key is pressed?"""
        ...

    def action(self, held: Keys, pointer: tuple[float, float]) -> Any:
        """An action for ``env.step``; None for the one before.

        Args:
            held: keys.
            pointer: the mouse's place from the left and from the bottom of the picture, 0 to 1.
        """
        ...

    @property
    def help(self) -> list[str]:
        """A line for each key."""
        ...


@dataclass(frozen=True)
class Choices:
    """One action for each combination of keys, of which the largest that is held counts; see `Controls`."""

    actions: Mapping[Keys, Any]
    idle: Any = None  # the action where no key is held; None for the one before
    waits: bool = False

    def action(self, held: Keys, pointer: tuple[float, float]) -> Any:
        """See `Controls`."""
        known = [keys for keys in self.actions if keys and keys <= held]
        return self.actions[max(known, key=len)] if known else self.idle

    @property
    def help(self) -> list[str]:
        """See `Controls`."""
        lines = [f"{'+'.join(sorted(keys))}: action {action}" for keys, action in self.actions.items() if keys]
        return (
            lines if self.waits else [*lines, f"no key: {'as before' if self.idle is None else f'action {self.idle}'}"]
        )


@dataclass(frozen=True)
class Numbers:
    """Actions of K numbers, to which each key that is held adds something; see `Controls`."""

    keys: Mapping[str, np.ndarray]  # each [K]
    low: np.ndarray  # [K]
    high: np.ndarray  # [K]
    shape: tuple[int, ...]  # of an action
    dtype: Any
    mouse: bool = False  # its place decides, and keys do nothing
    waits: bool = False

    def action(self, held: Keys, pointer: tuple[float, float]) -> Any:
        """See `Controls`."""
        if self.mouse:
            values = self.low + np.array(pointer[: len(self.low)]) * (self.high - self.low)
        else:
            values = sum((self.keys[key] for key in held if key in self.keys), np.zeros(len(self.low)))
        return np.clip(values, self.low, self.high).astype(self.dtype).reshape(self.shape)

    @property
    def help(self) -> list[str]:
        """See `Controls`."""
        if self.mouse:
            return ["mouse: left to right", "mouse: bottom to top"][: len(self.low)]
        return [f"{key}: {np.round(value, 2).tolist()}" for key, value in self.keys.items()]


# By the names of Gymnasium's environments, without their versions. They bring no map of their own, or, as MountainCar
# does, one for the codes of pygame 1.
KNOWN: dict[str, tuple[dict[str, int], int | None]] = {  # actions of keys, and of no key: None for the one before
    "Acrobot": ({"left": 0, "right": 2}, 1),
    "CartPole": ({"left": 0, "right": 1}, None),
    "MountainCar": ({"left": 0, "right": 2}, 1),
    "LunarLander": ({"left": 1, "up": 2, "right": 3}, 0),
    "CarRacing": ({"right": 1, "left": 2, "up": 3, "down": 4}, 0),
    "Blackjack": ({"h": 1, "s": 0}, None),
    "CliffWalking": ({"up": 0, "right": 1, "down": 2, "left": 3}, None),
    "CliffWalkingSlippery": ({"up": 0, "right": 1, "down": 2, "left": 3}, None),
    "FrozenLake": ({"left": 0, "down": 1, "right": 2, "up": 3}, None),
    "FrozenLake8x8": ({"left": 0, "down": 1, "right": 2, "up": 3}, None),
    "Taxi": ({"down": 0, "up": 1, "right": 2, "left": 3, "p": 4, "d": 5}, None),
}
WAITING = {"Blackjack", "CliffWalking", "CliffWalkingSlippery", "FrozenLake", "FrozenLake8x8", "Taxi"}  # a key a step
KNOWN_NUMBERS: dict[str, dict[str, list[float]]] = {
    "LunarLander": {"up": [1.0, 0.0], "left": [0.0, -1.0], "right": [0.0, 1.0]},
    "LunarLanderContinuous": {"up": [1.0, 0.0], "left": [0.0, -1.0], "right": [0.0, 1.0]},
    "CarRacing": {"left": [-1.0, 0.0, 0.0], "right": [1.0, 0.0, 0.0], "up": [0.0, 1.0, 0.0], "down": [0.0, 0.0, 0.8]},
}


def controls_of(env: gymnasium.Env, keys: str | None, mouse: bool) -> Controls:
    """The controls of an environment: those given, its own, those that are known, or those that its actions suggest.

    Args:
        env: says what its actions are.
        keys: JSON, see ``gail.record --keys``.
        mouse: steer by the mouse.

    Raises:
        InputError: ``keys`` cannot be, or there are none for such actions.
    """
    space = env.action_space
    name = env.spec.name if env.spec is not None else ""
    if mouse and not (isinstance(space, Box) and int(np.prod(space.shape)) <= 2):
        raise InputError(f"--mouse steers one or two numbers, and actions are {space}; use keys.")
    if keys is not None:
        return _given(space, keys)
    if isinstance(space, Box):
        return _of_numbers(space, name, mouse)
    if not isinstance(space, Discrete | MultiBinary):
        raise InputError(f"For actions from {space} there are no keys; give them with --keys.")
    if name in KNOWN and isinstance(space, Discrete):
        actions, idle = KNOWN[name]
        return Choices({frozenset([key]): action for key, action in actions.items()}, idle, waits=name in WAITING)
    own = getattr(env.unwrapped, "get_keys_to_action", None)
    if own is not None:
        return _own(own())
    if isinstance(space, MultiBinary) and len(space.shape) == 1 and space.shape[0] <= len(DIGITS):
        bits = np.eye(space.shape[0])
        keys_of_bits = dict(zip(DIGITS, bits, strict=False))
        return Numbers(keys_of_bits, np.zeros(len(bits)), np.ones(len(bits)), space.shape, space.dtype)
    if isinstance(space, Discrete) and space.n <= len(DIGITS):
        return Choices({frozenset([DIGITS[i]]): int(space.start) + i for i in range(int(space.n))}, waits=True)
    raise InputError(f"For actions from {space} there are no keys; give them with --keys.")


def _own(given: Mapping[Any, Any]) -> Choices:
    """An environment's own map: names or codes of keys, one or several at once."""
    actions = {}
    for keys, action in given.items():
        names = [chr(key) if isinstance(key, int) else key for key in (keys if isinstance(keys, tuple) else [keys])]
        actions[frozenset(ALIASES.get(name, name) for name in names)] = action
    return Choices(actions, idle=actions.get(frozenset(), 0))


def _of_numbers(space: Box, name: str, mouse: bool) -> Numbers:
    low, high = (np.clip(edge.ravel().astype(np.float64), -1e6, 1e6) for edge in (space.low, space.high))
    bounded = np.isfinite(space.low.ravel()) & np.isfinite(space.high.ravel())
    low, high = np.where(bounded, low, -1.0), np.where(bounded, high, 1.0)
    if name in KNOWN_NUMBERS:
        numbers = {key: np.array(value) for key, value in KNOWN_NUMBERS[name].items()}
    elif len(low) <= len(PAIRS) or mouse:
        units = np.eye(len(low))
        numbers = {}
        for i, (down, up) in enumerate(PAIRS[: len(low)]):
            numbers |= {down: low[i] * units[i], up: high[i] * units[i]}
    else:
        raise InputError(f"For actions of {len(low)} numbers there are no keys; give them with --keys.")
    return Numbers(numbers, low, high, space.shape, space.dtype, mouse)


def _given(space: Space, text: str) -> Choices:
    example = """write '{"left": 0, "right": 1, "": 0}'"""
    try:
        given = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"--keys '{text}' is not JSON ({error}); {example}.") from error
    if not isinstance(given, dict) or not given:
        raise InputError(f"--keys '{text}' is no JSON object with keys; {example}.")
    actions: dict[Keys, Any] = {}
    for names, value in given.items():
        action = value if isinstance(space, Discrete) else np.array(value, space.dtype)
        try:
            inside = not isinstance(value, bool) and space.contains(action)
        except (TypeError, ValueError):
            inside = False
        if not inside:
            raise InputError(f"--keys gives '{names}' the action {value}, which is not in {space}; {example}.")
        parts = [ALIASES.get(part, part) for part in str(names).split("+")] if names else []
        for part in parts:
            _require_key(part)
        actions[frozenset(parts)] = action
    idle = actions.get(frozenset())
    return Choices(actions, idle, waits=idle is None)


def _require_key(name: str) -> None:
    import pygame  # takes a moment

    pygame.display.init()  # or it knows only some
    try:
        pygame.key.key_code(name)
    except ValueError as error:
        raise InputError(f"--keys names the key '{name}', which keyboards do not have; write 'left' or 'a'.") from error
