"""Imitation learning for TensorFlow and Keras: from demonstrations to an agent, without a reward function.

    import gail

    run = gail.fit(env="CartPole-v1")
    run.evaluate(episodes=20)
    policy = gail.load_policy(run.path)
    policy.act(observation)

The names are resolved when they are first used, so that ``import gail`` is quick.
"""

import importlib
import importlib.util
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from expert_data.demonstrations import Demonstrations
    from expert_data.episodes import Episode
    from gail.api import fit, load_demos, load_policy, make_env

__all__ = ["Demonstrations", "Episode", "fit", "load_demos", "load_policy", "make_env"]

_HOMES = {
    "Demonstrations": "expert_data.demonstrations",
    "Episode": "expert_data.episodes",
    "fit": "gail.api",
    "load_demos": "gail.api",
    "load_policy": "gail.api",
    "make_env": "gail.api",
}

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # before TensorFlow is imported: no notes about devices


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'gail' has no attribute '{name}'")
    return getattr(importlib.import_module(_HOMES[name]), name)


def _check_neighbours() -> None:
    """``envs`` and ``agents`` are common names: make sure that Python finds ours and not somebody else's."""
    ours = Path(__file__).resolve().parent.parent
    for package in ("envs", "agents", "expert_data"):
        spec = importlib.util.find_spec(package)
        found = Path(spec.origin).resolve().parent if spec is not None and spec.origin else None
        if found != ours / package:
            raise ImportError(
                f"gail needs its own package '{package}' in '{ours / package}', but Python finds "
                f"'{found or 'none'}'; rename that one, or run from a folder that does not hold it."
            )


_check_neighbours()
