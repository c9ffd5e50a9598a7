"""The truth behind what is shown, held against what is shown."""

import gymnasium
import numpy as np
import pytest

from envs.make import make_single
from envs.true_state import TrueState

BALL, PLAYER, ENEMY = (236, 236, 236), (92, 186, 92), (213, 130, 74)  # Pong's colours
RED = (200, 72, 72)  # Breakout's ball and paddle
FIELD = slice(34, 194)  # Pong's rows between its walls


def centre(screen: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    """Mean row and column of a colour's pixels; NaN where there are none."""
    found = np.argwhere((screen == colour).all(-1))
    return found.mean(0) if len(found) else np.full(2, np.nan)


def watched(env: gymnasium.Env, steps: int) -> list[tuple[dict[str, float], np.ndarray]]:
    """Truth and screen, while chance plays."""
    env.action_space.seed(0)
    frame, _ = env.reset(seed=0)
    truth, seen = TrueState.of(env), []
    for _ in range(steps):
        frame, _, terminated, truncated, _ = env.step(env.action_space.sample())
        if terminated or truncated:
            break
        seen.append((dict(zip(truth.names, truth.read(frame), strict=True)), np.asarray(env.render())))
    return seen


def correlation(pairs: list[tuple[float, float]]) -> float:
    known = np.array([pair for pair in pairs if not np.isnan(pair).any()])
    assert len(known) > 50
    return float(np.corrcoef(known.T)[0, 1])


def test_pongs_bytes_are_where_ball_and_paddles_are_seen() -> None:
    seen = watched(make_single("ALE/Pong-v5", {"frameskip": 1}, render=True), 1500)
    for name, colour, axis in (
        ("ball_y", BALL, 0),
        ("ball_x", BALL, 1),
        ("player_y", PLAYER, 0),
        ("enemy_y", ENEMY, 0),
    ):
        pairs = []
        for truth, screen in seen:
            place = centre(screen[FIELD], colour)[axis]
            pairs.append((truth[name], place))
        assert correlation(pairs) > 0.9, name


@pytest.mark.parametrize(("name", "colour"), [("ball_x", BALL), ("ball_y", BALL), ("enemy_y", ENEMY)])
def test_what_pong_does_not_draw_has_no_place(name: str, colour: tuple[int, int, int]) -> None:
    shown, hidden = [], []
    for truth, screen in watched(make_single("ALE/Pong-v5", {"frameskip": 1}, render=True), 1500):
        drawn = not np.isnan(centre(screen[FIELD], colour)[0])
        (hidden if np.isnan(truth[name]) else shown).append(drawn)
    assert np.mean(shown) > 0.95
    assert np.mean(hidden) < 0.05


def test_breakouts_bytes_are_where_ball_and_paddle_are_seen() -> None:
    seen = watched(make_single("ALE/Breakout-v5", {"frameskip": 1}, render=True), 1500)
    ball = [(truth, centre(screen[100:189, 8:152], RED)) for truth, screen in seen]  # below the bricks
    assert correlation([(truth["ball_y"], place[0]) for truth, place in ball]) > 0.9
    assert correlation([(truth["ball_x"], place[1]) for truth, place in ball]) > 0.9
    paddle = [(truth["player_x"], centre(screen[189:195, 8:152], RED)[1]) for truth, screen in seen]
    assert correlation(paddle) > 0.9


def test_vectors_are_their_own_truth() -> None:
    env = make_single("CartPole-v1")
    frame, _ = env.reset(seed=0)
    truth = TrueState.of(env)
    assert truth.names == ("observation 0", "observation 1", "observation 2", "observation 3")
    np.testing.assert_array_equal(truth.read(frame), frame)


@pytest.mark.parametrize("steps", [0, 3])
def test_rendered_observations_have_the_state_behind_them(steps: int) -> None:
    shown, plain = make_single("CartPole-v1", {"pixels": 16}), make_single("CartPole-v1")
    frames = [env.reset(seed=0)[0] for env in (shown, plain)]
    truth = TrueState.of(shown)
    for _ in range(steps):
        frames = [env.step(1)[0] for env in (shown, plain)]
    np.testing.assert_allclose(truth.read(frames[0]), frames[1], rtol=1e-6)


def test_images_with_nothing_known_behind_them_have_no_truth() -> None:
    env = make_single("tiny_envs:QuadrantEnv")
    frame, _ = env.reset(seed=0)
    assert TrueState.of(env).read(frame).shape == (0,)
