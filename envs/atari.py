"""Which environments are Atari games, and how a game is played and seen."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gymnasium.envs.registration import EnvSpec

from envs.errors import InputError

ENTRY_POINTS = ("ale_py.env:AtariEnv", "ale_py:AtariEnv")
FRAMES_PER_SECOND = 60  # of the console
LARGEST = 2**31 - 1  # the emulator counts in 32 bits


@dataclass(frozen=True)
class AtariOptions:
    """How a game is played and seen: by its screen in gray, frame by frame, so that whoever wants stacks gathers them.

    The names are ale-py's where it has one.
    """

    size: int = 84
    """Rows and columns of an observation, in pixels, from 8 to 160, the screen's width (84: Mnih et al. 2015)."""
    frameskip: int = 4
    """Frames of 1/60 second that an action lasts (Mnih et al. 2015); what is seen is the maximum of the last two."""
    repeat_action_probability: float = 0.0
    """Probability that a frame repeats the action of the frame before it ("sticky actions", 0.25 in Machado et al.
    2018; none in Mnih et al. 2015)."""
    noop_max: int = 30
    """An episode begins with idle frames, fewer than this, as many as its seed draws (Mnih et al. 2015, "up to 30");
    0 and 1 for none."""
    max_num_frames_per_episode: int = 108_000
    """Frames after which an episode is truncated: 30 minutes (Machado et al. 2018)."""
    full_action_space: bool = False
    """All 18 actions of the console, rather than those that the game knows (Machado et al. 2018 use all)."""
    use_fire_reset: bool = False
    """Press FIRE for the first frame of an episode, in games that have it (Mnih et al. 2015 do not); without, players
    start the game by themselves, and demonstrations show how."""
    reward_clipping: bool = False
    """Cut a step's reward to -1, 0 or 1 (Mnih et al. 2015, for training only: evaluations tell the game's own)."""
    life_loss: bool = False
    """Tell in a step's information, under "life_lost", whether it cost a life and the game goes on (Mnih et al. 2015
    let a return end there); the episode goes on as well."""

    def __post_init__(self) -> None:
        """Refuse what cannot be.

        Raises:
            InputError: a value of the wrong type or outside its range.
        """
        for name, (lowest, largest) in RANGES.items():
            value, kind = getattr(self, name), "number" if isinstance(lowest, float) else "whole number"
            types = (int, float) if isinstance(lowest, float) else int
            if isinstance(value, bool) or not isinstance(value, types) or not lowest <= value <= largest:
                raise InputError(f"'{name}' is {value!r}; give a {kind} from {lowest:g} to {largest}.")
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if field.name not in RANGES and not isinstance(value, bool):
                raise InputError(f"'{field.name}' is {value!r}; give true or false.")

    @staticmethod
    def of(spec: EnvSpec, env_kwargs: Mapping[str, Any]) -> "AtariOptions":
        """The options of a game: those of ``env_kwargs``, and else the defaults, whatever the id.

        Args:
            spec: names the game, and may limit its steps; other arguments that it was registered with do not count.
            env_kwargs: options by name.

        Raises:
            InputError: there is no option of some name, or a value cannot be.
        """
        names = [field.name for field in dataclasses.fields(AtariOptions)]
        unknown = [name for name in spec.kwargs if name not in (*names, "game")]
        unknown += [name for name in env_kwargs if name not in names]
        if unknown:
            raise InputError(
                f"There is no option '{unknown[0]}' for Atari games seen as images; there are {', '.join(names)}, and "
                '"obs_type": "ram" for the console\'s memory in the images\' place.'
            )
        options = AtariOptions(**env_kwargs)
        if spec.max_episode_steps is None or "max_num_frames_per_episode" in env_kwargs:
            return options
        return dataclasses.replace(options, max_num_frames_per_episode=spec.max_episode_steps * options.frameskip)

    @property
    def max_episode_steps(self) -> int:
        """Of the agent, not frames."""
        return -(-self.max_num_frames_per_episode // self.frameskip)


RANGES: dict[str, tuple[float, float]] = {
    "size": (8, 160),
    "frameskip": (1, LARGEST),
    "repeat_action_probability": (0.0, 1.0),
    "noop_max": (0, LARGEST),
    "max_num_frames_per_episode": (1, LARGEST),
}


def is_atari(spec: EnvSpec) -> bool:
    """Is this one of ale-py's games, and as ale-py gives it, without wrappers of somebody's own?"""
    maker = spec.entry_point
    path = f"{maker.__module__}:{getattr(maker, '__name__', '')}" if callable(maker) else maker
    return path in ENTRY_POINTS and not spec.additional_wrappers


def scored(spec: EnvSpec, env_kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of the same environment for whoever tells returns: of games by their own score, whatever pays training.

    See `AtariOptions.reward_clipping`.
    """
    kept = dict(env_kwargs)
    if shows_screen(spec, env_kwargs):
        kept.pop("reward_clipping", None)
    return kept


def shows_screen(spec: EnvSpec, env_kwargs: Mapping[str, Any]) -> bool:
    """Is it an Atari game that is seen as images, and not by the console's memory?"""
    return is_atari(spec) and (spec.kwargs | dict(env_kwargs)).get("obs_type") != "ram"
