"""``python -m gail.record``: demonstrations, from a policy or from a person."""

import dataclasses
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from envs.errors import InputError, RunError
from gail.command import run_command
from gail.config import TrainConfig
from gail.defaults import defaults_of

if TYPE_CHECKING:
    from agents.policy import Policy
    from expert_data.recording import Recorder, Recording

MOST_FPS = 30.0  # for a person
TRIES = 20  # episodes played for each that is asked for, before --min-return is given up


@dataclass(frozen=True)
class Arguments:
    """Record demonstrations: give --policy, --train-expert or --human."""

    env: Annotated[str, tyro.conf.arg(aliases=["--env-id"])] = ""
    """Gymnasium id, or module:ID, or module:Class. By default that of --policy."""
    env_kwargs: Annotated[str, tyro.conf.arg(metavar="JSON")] = "{}"
    """Keyword arguments of the environment's constructor, as a JSON object."""
    pixels: int | None = None
    """Observe gray pictures of so many rows and columns: the environment's own images, or what it renders."""
    out: Path | None = None
    """File to write, such as demos.npz."""
    append: bool = False
    """Go on with the file, if it exists."""
    policy: str | None = None
    """Folder of a run, or 'random'."""
    train_expert: bool = False
    """Train one by the task's own reward first."""
    human: bool = False
    """Play yourself, in a window."""
    episodes: int = 10
    """How many to keep."""
    min_return: float | None = None
    """Keep only episodes whose return is at least this."""
    seed: int | None = None
    """Of the first episode; those after it count on. By default the first that the file does not hold. Of
    --train-expert as well, where it is 0 by default."""
    stochastic: bool = False
    """Sample the policy's actions rather than take the most likely ones."""
    total_timesteps: int | None = None
    """Of --train-expert, as in gail.train."""
    logdir: Path = Path("runs")
    """Folder of the run that --train-expert leaves."""
    keys: Annotated[str | None, tyro.conf.arg(metavar="JSON")] = None
    """Of --human: an action for each key or combination, such as '{"left": 0, "left+space": 2, "": 3}', where "" is for
    no key; without it the environment waits for one."""
    mouse: bool = False
    """Of --human, for actions of one or two numbers: the mouse's place in the window decides them."""
    fps: float | None = None
    """Of --human: steps a second. By default the environment's own, but 30 at most."""
    zoom: float | None = None
    """Of --human: how much larger the picture is than the environment's own. By default so that it is easy to see."""
    quiet: bool = False
    """Show no progress."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    return run_command(lambda: _record(tyro.cli(Arguments, prog="python -m gail.record", args=arguments)))


def _record(arguments: Arguments) -> None:
    # Imported here so that --help answers at once.
    from envs.make import make_single
    from expert_data.recording import Recorder, Recording

    path = _checked(arguments)
    if arguments.train_expert:
        if path.exists() and not arguments.append:  # before hours of training and not after
            raise InputError(f"'{path}' exists; give another --out, or go on with it with --append.")
        arguments = dataclasses.replace(arguments, policy=str(_train_expert(arguments)))
    policy = None if arguments.policy in (None, "random") else _policy(arguments.policy)
    env_id = arguments.env or ("" if policy is None else policy.env_id)
    if not env_id:
        raise InputError("No environment is given; name one with --env, such as --env CartPole-v1.")
    kwargs = TrainConfig(env_kwargs=arguments.env_kwargs, pixels=arguments.pixels).env_arguments
    if policy is not None and not arguments.env:
        kwargs = policy.env_kwargs | kwargs
    recording = Recording(path, env_id, kwargs, _source(arguments), arguments.append)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that whoever ends it leaves what there is
    recorder = Recorder(make_single(env_id, kwargs, render=arguments.human))
    try:
        if arguments.human:
            _play(arguments, recorder, recording)
        else:
            _act(arguments, policy, recorder, recording)
    finally:
        recording.save()
        recorder.close()
    _report(arguments, env_id, recording)


def _checked(arguments: Arguments) -> Path:
    """The file to write, if everything makes sense."""
    chosen = [arguments.policy is not None, arguments.train_expert, arguments.human]
    if sum(chosen) != 1:
        raise InputError("Give one of --policy RUN (or --policy random), --train-expert and --human.")
    if arguments.out is None:
        raise InputError("No file is given; name one with --out, such as --out demos.npz.")
    if arguments.episodes < 1 or (arguments.seed is not None and arguments.seed < 0):
        raise InputError(f"--episodes {arguments.episodes} must be 1 or more, and --seed {arguments.seed} 0 or more.")
    for name in ("fps", "zoom"):
        value = getattr(arguments, name)
        if value is not None and not value > 0:
            raise InputError(f"--{name} is {value}; it must be above 0.")
    if arguments.human and arguments.min_return is not None:
        raise InputError("--human asks after each episode whether to keep it; leave out --min-return.")
    return arguments.out


def _train_expert(arguments: Arguments) -> Path:
    """Train an agent by the task's own reward, say how good it is, and give its folder."""
    from gail.experiment import start
    from gail.report.summary import print_summary

    defaults = defaults_of(arguments.env, arguments.env_kwargs, arguments.pixels, algo="ppo")
    config = dataclasses.replace(
        defaults, total_timesteps=arguments.total_timesteps or defaults.total_timesteps,
        seed=arguments.seed or 0, video_every=0,
    )  # fmt: skip
    run = start(config, arguments.logdir, None, arguments.quiet)
    print_summary(run)
    return run.path


def _policy(folder: str) -> "Policy":
    from gail.run import Run

    return Run(Path(folder)).policy


def _source(arguments: Arguments) -> str:
    if arguments.human:
        return "a person"
    if arguments.policy == "random":
        return "random actions"
    return f"{'sampled' if arguments.stochastic else 'most likely'} actions of the policy of {arguments.policy}"


def _act(arguments: Arguments, policy: "Policy | None", recorder: "Recorder", recording: "Recording") -> None:
    """Record a policy, or chance, until enough episodes are good enough."""
    from agents.actor import RandomActor
    from envs.actions import ActionSpec
    from expert_data.play import play_once
    from gail.report.console import Tally

    actions = ActionSpec.of(recorder.action_space)
    actor = RandomActor(actions) if policy is None else policy.actor
    space = recorder.observation_space
    if policy is not None and (policy.actor.actions, policy.actor.observations.frame) != (actions, space.shape):
        raise InputError(
            f"The policy of '{arguments.policy}' is for an environment of other observations or actions than "
            f"'{arguments.env}'; leave out --env, or give another policy."
        )
    seed = recording.next_seed if arguments.seed is None else arguments.seed
    wanted, tries = len(recording) + arguments.episodes, TRIES * arguments.episodes
    tally = Tally(arguments.episodes, arguments.quiet)
    for number in range(tries):
        play_once(recorder, actor, seed + number, arguments.stochastic or policy is None)
        good = arguments.min_return is None or recorder.total_reward >= arguments.min_return
        if good:
            recording.add(recorder.episode, seed + number)
        tally.show(number + 1, good, recorder.total_reward)
        if len(recording) == wanted:
            return
    kept = arguments.episodes - (wanted - len(recording))
    where = f"they are in '{arguments.out}'" if kept else "nothing was written"
    raise RunError(
        f"{kept} of {tries} episodes reached a return of {arguments.min_return:g}, and {where}; lower --min-return, or "
        "record a better policy."
    )


def _play(arguments: Arguments, recorder: "Recorder", recording: "Recording") -> None:
    """Record a person."""
    from expert_data.person.keymaps import controls_of
    from expert_data.person.play import Stage
    from expert_data.person.window import Window

    controls = controls_of(recorder, arguments.keys, arguments.mouse)
    seed = recording.next_seed if arguments.seed is None else arguments.seed
    recorder.reset(seed=seed)  # there is nothing to see before
    fps = arguments.fps or min(MOST_FPS, recorder.metadata.get("render_fps") or MOST_FPS)
    with Window(recorder, arguments.zoom) as window:
        Stage(recorder, controls, window, fps).play(recording, seed, arguments.episodes)


def _report(arguments: Arguments, env_id: str, recording: "Recording") -> None:
    made = recording.demonstrations
    if made is None:
        raise RunError("No episode was kept, and nothing was written.")
    print(
        f"{arguments.out}: {len(made)} episodes, return {made.return_mean:,.1f} ± {made.return_std:,.1f}, "
        f"length {made.length_mean:,.1f}"
    )
    print(f"train by it: python -m gail.train --env {env_id} --demos {arguments.out}")


if __name__ == "__main__":
    sys.exit(main())
