"""What is truly so in an environment, whatever it shows: to judge by, and never to learn from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np

from envs.observations import is_image

# Bytes of the console's memory, by the game's name at ale-py (Anand et al. 2019, "Unsupervised State Representation
# Learning in Atari", appendix B). Held against what the screen shows by tests/envs/test_true_state.py.
ATARI: dict[str, dict[str, int]] = {
    "pong": {"player_y": 51, "enemy_y": 50, "ball_x": 49, "ball_y": 54},
    "breakout": {"player_x": 72, "ball_x": 99, "ball_y": 101},
}
# From which byte on a thing is drawn, where not from 1 on: Pong's enemy can leave the field at the top.
DRAWN: dict[str, dict[str, int]] = {"pong": {"enemy_y": 31}}


@dataclass(frozen=True)
class TrueState:
    """S numbers."""

    names: tuple[str, ...]
    read: Callable[[np.ndarray], np.ndarray]  # from what is observed now to float32 [S]

    @staticmethod
    def of(env: gymnasium.Env) -> "TrueState":
        """Of an environment as it stands: what a vector shows, bytes of a game's memory, or what is rendered.

        Where images have nothing known behind them, S is 0. What is not drawn has no place, and is NaN.
        """
        inner: Any = env.unwrapped
        if not is_image(env.observation_space):
            size = int(np.prod(env.observation_space.shape or ()))
            return TrueState(tuple(f"observation {i}" for i in range(size)), lambda observed: observed.ravel())
        game = str(getattr(inner, "_game", ""))
        if game in ATARI:
            return TrueState(tuple(ATARI[game]), lambda _: _places(game, inner.ale.getRAM()))
        if np.ndim(getattr(inner, "state", 0)) == 1:  # Gymnasium's classic control, and others after its example
            names = tuple(f"state {i}" for i in range(len(inner.state)))
            return TrueState(names, lambda _: np.asarray(inner.state, np.float32))
        return TrueState((), lambda _: np.zeros(0, np.float32))


def _places(game: str, memory: np.ndarray) -> np.ndarray:
    """float32 ``[S]``; a ball that has no height is not drawn, and what its other byte says is of no account."""
    places = {name: float(memory[byte]) for name, byte in ATARI[game].items()}
    drawn = DRAWN.get(game, {})
    hidden = {_thing(name) for name, place in places.items() if place < drawn.get(name, 1)}
    return np.array([np.nan if _thing(name) in hidden else place for name, place in places.items()], np.float32)


def _thing(name: str) -> str:
    return name.rpartition("_")[0]  # "ball" of "ball_x"
