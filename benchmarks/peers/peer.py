"""Train another library's GAIL or PPO and print what it took as one line of JSON.

It runs inside a virtual environment of `make.sh`, so it imports nothing of this project:

    FOLDER/imitation/bin/python peer.py --algo gail --env CartPole-v1 --demos demos.npz --steps 500000
    FOLDER/sb3/bin/python peer.py --algo ppo --env Hopper-v5 --steps 500000 --target-return 1000

Set OMP_NUM_THREADS to choose the number of threads. A step is one step of one environment.
"""
# The peers are not installed where this project is checked.
# pyright: reportMissingImports=false

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

# imitation draws a progress bar a round; this has to be said before it imports tqdm.
os.environ.setdefault("TQDM_DISABLE", "1")

import gymnasium as gym
import numpy as np
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.env_util import make_atari_env, make_vec_env
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.vec_env import VecEnv, VecFrameStack

# Keeps the evaluation's episodes apart from the training's, whose environments take the seeds from `--seed` on.
EVALUATION_SEED_OFFSET = 10_000
DEMO_BATCH_SIZE = 1024
# Its published settings for Atari (rl-baselines3-zoo, hyperparams/ppo.yml), without their schedules.
ATARI = {
    "n_steps": 128, "n_epochs": 4, "batch_size": 256, "learning_rate": 2.5e-4, "clip_range": 0.1, "vf_coef": 0.5,
    "ent_coef": 0.01,
}  # fmt: skip


@dataclass(frozen=True)
class Peer:
    """A learner of another library; `train_round` collects one rollout and updates on it."""

    package: str
    model: PPO
    train_round: Callable[[], object]


@dataclass
class Outcome:
    """What a training took; `seconds` leave evaluations out."""

    steps: int = 0
    seconds: float = 0.0
    final_return: float = float("nan")
    seconds_to_target: float | None = None
    steps_to_target: int | None = None


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--algo", choices=("gail", "ppo"), required=True)
    parser.add_argument("--env", required=True, help="id of a Gymnasium task")
    parser.add_argument("--demos", help="npz file of demonstrations (gail)")
    parser.add_argument("--num-demos", type=int, help="only the first so many episodes of the file")
    parser.add_argument("--eval-episodes", type=int, default=20)
    parser.add_argument("--steps", type=int, required=True, help="rounded up to whole rollouts")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--num-envs", type=int, default=8)
    parser.add_argument("--target-return", type=float, help="stop at the first evaluation that reaches it")
    parser.add_argument("--eval-every", type=int, default=20_000, help="steps, rounded up to whole rollouts")
    arguments = parser.parse_args()
    if arguments.algo == "gail" and not arguments.demos:
        parser.error("gail needs --demos")
    if min(arguments.steps, arguments.num_envs, arguments.eval_every) < 1:
        parser.error("--steps, --num-envs and --eval-every have to be positive")
    return arguments


def load_trajectories(path: str, space: gym.Space, count: int | None) -> list[Any]:
    """Read demonstrations as imitation's trajectories, the first ``count`` or all."""
    from imitation.data.types import Trajectory

    with np.load(path, allow_pickle=False) as file:
        # The task's own dtype is what imitation would have recorded.
        observations = file["observations"].astype(space.dtype)
        actions = file["actions"]
        ends = np.cumsum(file["episode_lengths"])[:count]
    trajectories = []
    for episode, end in enumerate(ends):
        start = 0 if episode == 0 else ends[episode - 1]
        trajectories.append(
            Trajectory(
                # An episode has one more observation than actions, as have all those before it.
                obs=observations[start + episode : end + episode + 1],
                acts=actions[start:end],
                infos=None,
                # imitation calls every whole episode terminal, also those of its generator that were truncated.
                terminal=True,
            )
        )
    return trajectories


def make_envs(env: str, num_envs: int, seed: int) -> VecEnv:
    """Environments as Stable-Baselines3 makes them, of Atari games four frames at once."""
    if not env.startswith("ALE/"):
        return make_vec_env(env, n_envs=num_envs, seed=seed)
    import ale_py  # only one of the two virtual environments has it

    gym.register_envs(ale_py)
    # The games as the project plays them: no action that sticks.
    game = make_atari_env(env, num_envs, seed, env_kwargs={"frameskip": 1, "repeat_action_probability": 0.0})
    return VecFrameStack(game, n_stack=4)


def make_gail(env: str, demos: str, num_demos: int | None, seed: int, num_envs: int, log_folder: str) -> Peer:
    """GAIL in the configuration of imitation's documentation."""
    # Only one of the two virtual environments has imitation.
    from imitation.algorithms.adversarial.gail import GAIL
    from imitation.data.wrappers import RolloutInfoWrapper
    from imitation.rewards.reward_nets import BasicRewardNet
    from imitation.util import util
    from imitation.util.logger import configure
    from imitation.util.networks import RunningNorm

    venv = util.make_vec_env(
        env,
        rng=np.random.default_rng(seed),
        n_envs=num_envs,
        post_wrappers=[lambda inner, _: RolloutInfoWrapper(inner)],
    )
    trajectories = load_trajectories(demos, venv.observation_space, num_demos)
    model = PPO(
        "MlpPolicy",
        venv,
        batch_size=64,
        ent_coef=0.0,
        learning_rate=0.0004,
        gamma=0.95,
        n_epochs=5,
        seed=seed,
        device="cpu",
    )
    trainer = GAIL(
        demonstrations=trajectories,
        demo_batch_size=min(DEMO_BATCH_SIZE, sum(len(trajectory) for trajectory in trajectories)),
        gen_replay_buffer_capacity=512,
        n_disc_updates_per_round=8,
        venv=venv,
        gen_algo=model,
        reward_net=BasicRewardNet(venv.observation_space, venv.action_space, normalize_input_layer=RunningNorm),
        # These tasks end early, unlike those of imitation's documentation.
        allow_variable_horizon=True,
        # By default it writes tables to standard output and to two files, which would only cost it time.
        custom_logger=configure(log_folder, format_strs=[]),
    )
    return Peer("imitation", model, lambda: trainer.train(trainer.gen_train_timesteps))


def make_ppo(env: str, seed: int, num_envs: int) -> Peer:
    """Stable-Baselines3's PPO with its defaults, and with its settings for Atari there."""
    settings = ATARI if env.startswith("ALE/") else {}
    policy = "CnnPolicy" if settings else "MlpPolicy"
    model = PPO(policy, make_envs(env, num_envs, seed), seed=seed, device="cpu", **settings)
    # Otherwise each call of learn() makes a new logger with a folder of its own.
    model.set_logger(Logger(folder=None, output_formats=[]))
    # Learning round by round is the same as in one call, since no default changes with the progress.
    return Peer(
        "stable-baselines3", model, lambda: model.learn(model.n_steps * model.n_envs, reset_num_timesteps=False)
    )


def evaluate(model: PPO, venv: VecEnv, episodes: int) -> float:
    """Mean return of whole episodes under the deterministic policy."""
    mean, _ = evaluate_policy(model, venv, n_eval_episodes=episodes, deterministic=True)
    return float(np.mean(mean))


def train(peer: Peer, arguments: argparse.Namespace, eval_venv: VecEnv) -> Outcome:
    """Train for at least `--steps` steps, or until an evaluation reaches `--target-return`."""
    steps, target_return, eval_every = arguments.steps, arguments.target_return, arguments.eval_every
    outcome = Outcome()
    next_evaluation = eval_every
    while outcome.steps < steps:
        start = time.perf_counter()
        peer.train_round()
        outcome.seconds += time.perf_counter() - start
        outcome.steps = peer.model.num_timesteps
        print(f"{outcome.steps} steps, {outcome.seconds:.1f} seconds", file=sys.stderr)
        is_last = outcome.steps >= steps
        if not is_last and (target_return is None or outcome.steps < next_evaluation):
            continue
        next_evaluation = (outcome.steps // eval_every + 1) * eval_every
        outcome.final_return = evaluate(peer.model, eval_venv, arguments.eval_episodes)
        print(f"{outcome.steps} steps, return {outcome.final_return:.1f}", file=sys.stderr)
        if target_return is not None and outcome.final_return >= target_return:
            outcome.seconds_to_target = outcome.seconds
            outcome.steps_to_target = outcome.steps
            break
    return outcome


def main() -> None:
    arguments = parse_arguments()
    env, seed, num_envs = arguments.env, arguments.seed, arguments.num_envs
    eval_venv = make_envs(env, min(num_envs, arguments.eval_episodes), seed + EVALUATION_SEED_OFFSET)
    with tempfile.TemporaryDirectory() as log_folder:
        if arguments.algo == "gail":
            peer = make_gail(env, arguments.demos, arguments.num_demos, seed, num_envs, log_folder)
        else:
            peer = make_ppo(env, seed, num_envs)
        outcome = train(peer, arguments, eval_venv)
    report = {
        "library": f"{peer.package} {version(peer.package)}",
        "algo": arguments.algo,
        "env": env,
        "seed": seed,
        "num_envs": num_envs,
        "steps": outcome.steps,
        "seconds": outcome.seconds,
        "steps_per_second": outcome.steps / outcome.seconds,
        "seconds_to_target": outcome.seconds_to_target,
        "steps_to_target": outcome.steps_to_target,
        "final_return": outcome.final_return,
        "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "threads": torch.get_num_threads(),
        "versions": {name: version(name) for name in ("torch", "stable-baselines3", "gymnasium", "mujoco", "numpy")},
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
