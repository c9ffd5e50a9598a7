"""What latents of CartPole's pictures tell of its state, and for how many steps dreams of them hold.

    python -m benchmarks.dream.latents

Run it from the top of the checkout. Scripted players of all skills, who see the state, play 14,400 steps to learn
from and 4,800 to judge by, in pictures of 64 by 64 pixels. Autoencoders learn from the former with foresight and
without, 2,000 gradient steps of 64 pictures each, and of the latents of each, dynamics in open loop and by single
steps. What is known of the state is the R² of a small network that learns to read it from latents of the former and
the last three actions; in dreams, of what all members expect after eight real steps, given the actions. Results go to
``latents.json``.
"""

import dataclasses
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gymnasium
import keras
import numpy as np
import tyro
from gymnasium.spaces import Discrete

from agents.config import WorldModelConfig
from agents.observations import ObservationSpec
from agents.world_model.model import WorldModel
from agents.world_model.vae import VAE
from benchmarks.record import machine
from envs.actions import ActionSpec
from envs.make import make_single
from gail.report.world_model.evidence import Evidence, witnessed
from gail.report.world_model.foresight import Windows

HERE = Path(__file__).parent
PLAYERS, STEPS, JUDGED = 24, 600, 200  # of each player
MINIBATCHES, SIZE = 2000, 32
EPOCHS = 60  # of the network that reads
SEEN, AHEAD, MOST_WINDOWS = 8, (1, 5, 10, 15), 500
ACTIONS = ActionSpec.of(Discrete(2))
SPEC = ObservationSpec((64, 64), 4)
CONFIG = WorldModelConfig(batch_size=64, sequence_length=16)


@dataclass(frozen=True)
class Arguments:
    """What is to be measured."""

    seed: int = 0
    results: Path = HERE


@dataclass(frozen=True)
class Player:
    """Balances the pole by its state, but for a share of random actions."""

    env: gymnasium.Env
    noise: float
    bias: float
    actions: ActionSpec = ACTIONS
    depth: int = SPEC.depth

    def sample(self, observations: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """See `agents.actor.Actor`; looks at no picture."""
        x, x_speed, angle, angle_speed = getattr(self.env.unwrapped, "state")  # noqa: B009  CartPole's own
        pushes_right = 0.1 * x + 0.3 * x_speed + 3.0 * angle + angle_speed + self.bias > 0.0
        chosen = rng.integers(2) if rng.random() < self.noise else int(pushes_right)
        return np.array([[chosen]], np.int32)

    def mode(self, observations: np.ndarray) -> np.ndarray:
        """See `agents.actor.Actor`."""
        raise NotImplementedError("a player has moods")


def played(steps: int, seed: int) -> Evidence:
    """By all players, so many steps each."""
    rng = np.random.default_rng(seed)
    env = make_single("CartPole-v1", {"pixels": 64})
    players = [Player(env, rng.uniform(0.0, 0.8), 0.15 * rng.standard_normal()) for _ in range(PLAYERS)]
    parts = [witnessed(env, player, steps, int(rng.integers(2**31 - 1))) for player in players]
    env.close()
    return Evidence.joined(parts)


def last_actions(evidence: Evidence) -> np.ndarray:
    """Those between the pictures that are seen together, ``[R, 3]``; 0 before an episode."""
    tape, back = evidence.tape, np.arange(1, SPEC.depth)
    pushes = 2.0 * tape.actions[np.maximum(np.arange(len(tape))[:, None] - back, 0), 0] - 1.0
    return np.where(tape.ages[:, None] >= back, pushes, 0.0).astype(np.float32)


class Reading:
    """What a small network reads of the state from latents and the last actions."""

    def __init__(self, latents: np.ndarray, states: np.ndarray, seed: int):
        keras.utils.set_random_seed(seed)
        self._units = latents.mean(0), latents.std(0) + 1e-6
        self._mean, self._std = states.mean(0), states.std(0)
        hidden = [keras.layers.Dense(128, "silu") for _ in range(2)]
        self._network: Any = keras.Sequential([*hidden, keras.layers.Dense(states.shape[1])])
        self._network.compile("adam", "mse")
        self._network.fit(self._scaled(latents), (states - self._mean) / self._std, 128, epochs=EPOCHS, verbose=0)

    def r2(self, latents: np.ndarray, states: np.ndarray, variances: np.ndarray) -> list[float]:
        """Of each number of the state, rounded."""
        read = np.asarray(self._network(self._scaled(latents))) * self._std + self._mean
        return [round(float(value), 3) for value in 1.0 - ((read - states) ** 2).mean(0) / variances]

    def _scaled(self, latents: np.ndarray) -> np.ndarray:
        return (latents - self._units[0]) / self._units[1]


def measure(seed: int) -> dict[str, Any]:
    """Everything."""
    shown, judged = played(STEPS, seed), played(JUDGED, seed + 1)
    whole = [evidence.tape.ages >= SPEC.depth - 1 for evidence in (shown, judged)]
    taken = [last_actions(evidence) for evidence in (shown, judged)]
    variances = judged.truths[whole[1]].var(0)
    results: dict[str, Any] = {"machine": machine(), "names": judged.names, "dreams": {}}
    for name, foresight in (("without foresight", 0), ("with foresight", CONFIG.foresight)):
        vae = VAE(SPEC, ACTIONS, SIZE, dataclasses.replace(CONFIG, foresight=foresight), seed)
        started = time.perf_counter()
        vae.fit(shown.tape, [np.arange(len(shown.tape))], MINIBATCHES, np.random.default_rng(seed))
        seconds = time.perf_counter() - started
        shown_latents, latents = (evidence.latents(vae.mirror) for evidence in (shown, judged))
        told = (np.concatenate(parts, -1) for parts in ((shown_latents, taken[0]), (latents, taken[1])))
        told_shown, told_judged = (each[rows] for each, rows in zip(told, whole, strict=True))
        reading = Reading(told_shown, shown.truths[whole[0]], seed)
        known = reading.r2(told_judged, judged.truths[whole[1]], variances)
        results[name] = {"r2": known, "seconds": round(seconds)}
        for open_loop in (False, True):
            config = dataclasses.replace(CONFIG, open_loop=open_loop)
            model = WorldModel(SIZE, ACTIONS, Discrete(2), config, seed)
            tape = dataclasses.replace(shown.tape, frames=shown_latents)
            model.scale(tape)
            model.update(tape, [np.arange(len(tape))], MINIBATCHES, np.random.default_rng(seed))
            kind = f"{name}, {'open loop' if open_loop else 'single steps'}"
            results["dreams"][kind] = foreseen(model, judged, latents, taken[1], reading, variances)
            print(kind, results[name], results["dreams"][kind], flush=True)
    return results


def foreseen(
    model: WorldModel, judged: Evidence, latents: np.ndarray, taken: np.ndarray, reading: Reading, variances: np.ndarray
) -> dict[str, list[float]]:
    """R² of the state so many steps ahead."""
    windows = Windows.drawn(judged.tape.leads, SEEN, max(AHEAD), MOST_WINDOWS, np.random.default_rng(0))
    made = model.foreseen(latents[windows.seen], judged.tape.actions[windows.acting]).mean(0)
    found = {}
    for steps in AHEAD:
        there = windows.known[:, steps - 1]
        rows = windows.foreseen[there, steps - 1]
        told = np.concatenate([made[there, steps - 1], taken[rows]], -1)
        found[str(steps)] = reading.r2(told, judged.truths[rows], variances)
    return found


def main() -> None:
    arguments = tyro.cli(Arguments)
    results = measure(arguments.seed)
    (arguments.results / "latents.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
