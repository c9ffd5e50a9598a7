"""``python -m gail.evaluate RUN``: how well a trained agent does."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from gail.command import run_command


@dataclass(frozen=True)
class Arguments:
    """Play fresh episodes with the policy of a run."""

    run: Annotated[Path, tyro.conf.Positional]
    """Folder of the run."""
    episodes: int = 20
    """How many."""
    seed: int = 0
    """Of the start states and of sampled actions."""
    stochastic: bool = False
    """Sample actions from the policy rather than take the most likely ones."""
    json: bool = False
    """Print one JSON object on standard output and nothing else."""
    video: Path | None = None
    """Write one episode to this file, as an animated GIF."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    return run_command(lambda: _evaluate(tyro.cli(Arguments, prog="python -m gail.evaluate", args=arguments)))


def _evaluate(arguments: Arguments) -> None:
    # Imported here so that --help answers at once.
    from agents.atomic import atomic_write
    from envs.errors import InputError
    from gail.report.filming import film
    from gail.report.video import draw_video
    from gail.run import Run

    if arguments.episodes < 1 or arguments.seed < 0:
        raise InputError(f"--episodes {arguments.episodes} must be 1 or more, and --seed {arguments.seed} 0 or more.")
    run = Run(arguments.run)
    policy = run.policy
    evaluation = run.evaluate(arguments.episodes, arguments.seed, arguments.stochastic)
    if arguments.video is not None:
        video = draw_video(film(policy.env_id, policy.env_kwargs, policy, arguments.seed))
        with atomic_write(arguments.video) as file:
            file.write(video.data)
    if arguments.json:
        figures = {
            "env": policy.env_id,
            "episodes": arguments.episodes,
            "return_mean": evaluation.return_mean,
            "return_std": evaluation.return_std,
            "length_mean": evaluation.length_mean,
            "returns": evaluation.returns.tolist(),
        }
        print(json.dumps(figures))
    else:
        print(
            f"{policy.env_id}: return {evaluation.return_mean:,.1f} ± {evaluation.return_std:,.1f}, "
            f"length {evaluation.length_mean:,.1f}, over {arguments.episodes} episodes"
        )


if __name__ == "__main__":
    sys.exit(main())
