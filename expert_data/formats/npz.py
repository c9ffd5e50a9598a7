"""An ``.npz`` by any other library: arrays under the names that are usual for them."""

from typing import Any

import numpy as np

from envs.errors import InputError
from expert_data.archive import Archive
from expert_data.arrays import Arrays
from expert_data.columns import Column, in_memory

# The first that a file has is taken.
NAMES = {
    "observations": ("observations", "obs", "states", "observation", "state", "obses", "ob"),
    "next_observations": ("next_observations", "next_obs", "next_states", "next_observation", "next_state", "obs_next"),
    "actions": ("actions", "acts", "action", "acs", "ac"),
    "rewards": ("rewards", "rews", "reward", "rew"),
    "terminations": ("terminations", "terminated", "terminals", "terminateds"),
    "truncations": ("truncations", "truncated", "timeouts", "truncateds"),
    "dones": ("dones", "done"),
    "episode_lengths": ("episode_lengths", "lengths", "ep_lens", "ep_lengths", "traj_lengths"),
}
FLAGS_AND_REWARDS = ("rewards", "terminations", "truncations", "dones")


def read(opened: Archive, time_limit: int | None) -> dict[str, Any]:
    """The fields of `expert_data.episodes.Episodes`.

    Raises:
        InputError: there are no observations, or nothing tells where episodes end.
    """
    found = {field: opened.read(name) for field, names in NAMES.items() for name in _first(opened, names)}
    if "observations" not in found:
        raise InputError(
            f"they have arrays named {', '.join(opened.names) or 'nothing'}, of which none is 'observations', 'obs' or "
            "'states'; give gail.Demonstrations.from_arrays what they hold"
        )
    for field in FLAGS_AND_REWARDS:
        if field in found and found[field].shape[1:] == (1,):
            found[field] = in_memory(found[field])[:, 0]
    if "episode_starts" in opened:
        return _stable_baselines(found, opened.read("episode_starts")).episodes(time_limit)
    if "indices" in opened and "terminal" in opened:
        return _imitation(found, opened.read("indices"), opened.read("terminal")).episodes(time_limit)
    if not found.keys() & {"terminations", "truncations", "dones", "episode_lengths"} and _by_episode(found):
        lists = {name: list(in_memory(column)) for name, column in found.items()}
        return Arrays.joined(**lists).episodes(time_limit)
    return Arrays(**found).episodes(time_limit)


def _first(opened: Archive, names: tuple[str, ...]) -> list[str]:
    return [name for name in names if name in opened][:1]


def _stable_baselines(found: dict[str, Column], starts: Column) -> Arrays:
    """Stable-Baselines 2 (``ExpertDataset``): flags at the first steps of episodes."""
    flags = in_memory(starts).astype(bool)
    if flags.ndim != 1 or not flags.size:
        raise InputError(f"'episode_starts' has shape {flags.shape}, where one flag a step is needed")
    flags[0] = True
    lengths = np.diff(np.append(np.flatnonzero(flags), len(flags)))
    return Arrays(**found | {"episode_lengths": lengths, "dones": _at_ends(lengths, np.ones(len(lengths), bool))})


def _imitation(found: dict[str, Column], indices: Column, terminal: Column) -> Arrays:
    """`imitation` until 0.4: trajectories split at ``indices``, and whether each came to its end."""
    if "actions" not in found:
        raise InputError("they have no 'acts', by which their 'indices' count")
    bounds = np.array([0, *in_memory(indices).tolist(), len(found["actions"])])
    lengths, ended = np.diff(bounds), in_memory(terminal).astype(bool)
    if (lengths < 1).any() or ended.shape != lengths.shape:
        raise InputError(
            f"'indices' make {len(lengths)} episodes, and 'terminal' has shape {ended.shape}; export them again"
        )
    return Arrays(**found | {"episode_lengths": lengths, "dones": _at_ends(lengths, ended)})


def _at_ends(lengths: np.ndarray, ended: np.ndarray) -> np.ndarray:
    """``[T]``: at the last step of each of E episodes, whether it ``ended [E]``."""
    flags = np.zeros(int(lengths.sum()), bool)
    flags[np.cumsum(lengths) - 1] = ended
    return flags


def _by_episode(found: dict[str, Column]) -> bool:
    """Are these ``[E, L, ...]``, a row an episode?"""
    if "actions" not in found or len(found["observations"].shape) < 3 or len(found["actions"].shape) < 2:
        return False
    (episodes, rows), (same, steps) = found["observations"].shape[:2], found["actions"].shape[:2]
    return episodes == same and rows - steps in (0, 1)
