"""Atari games, one or many, that look and play alike to the bit; `envs.atari.AtariOptions` says how."""

import dataclasses
from typing import Any

import numpy as np
from ale_py import Action
from ale_py.env import AtariEnv
from ale_py.vector_env import AtariVectorEnv
from gymnasium.envs.registration import EnvSpec
from gymnasium.spaces import Box
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space

from envs.atari import FRAMES_PER_SECOND, AtariOptions
from envs.resize import area_resize


class AtariGames(AtariVectorEnv):
    """N games that step in one call, in NEXT_STEP autoreset mode; observations are uint8 ``[N, size, size]``."""

    def __init__(self, spec: EnvSpec, num_envs: int, options: AtariOptions):
        """Of the game that ``spec`` names."""
        self.metadata = dict(self.metadata)  # ale-py writes into it, and it is the class's
        super().__init__(
            spec.kwargs["game"],
            num_envs,
            max_num_frames_per_episode=options.max_num_frames_per_episode,
            repeat_action_probability=options.repeat_action_probability,
            full_action_space=options.full_action_space,
            autoreset_mode=AutoresetMode.NEXT_STEP,
            img_height=options.size,
            img_width=options.size,
            grayscale=True,
            stack_num=1,
            frameskip=options.frameskip,
            maxpool=True,
            noop_max=options.noop_max,
            episodic_life=False,
            life_loss_info=False,
            reward_clipping=options.reward_clipping,
            use_fire_reset=options.use_fire_reset,
        )
        self.spec = _limited(spec, options)
        self.single_observation_space = _space(options)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self._life_loss = options.life_loss
        self._lives = np.zeros(num_envs, np.int32)

    def reset(self, *, seed: Any = None, options: dict[str, Any] | None = None) -> Any:
        """New games; see `gymnasium.vector.VectorEnv.reset`."""
        observations, info = super().reset(seed=seed, options=options)
        self._lives = info["lives"]
        return observations[:, 0], info

    def step(self, actions: np.ndarray) -> Any:
        """A step of each; `AtariOptions.life_loss` adds ``"life_lost"``, bool ``[N]``, to what ale-py tells."""
        observations, rewards, terminated, truncated, info = super().step(actions)
        if self._life_loss:
            done = terminated | truncated
            info["life_lost"] = (info["lives"] < self._lives) & ~done
            self._lives = np.where(done, 0, info["lives"])  # nothing is below 0: a step that resets loses no life
        return observations[:, 0], rewards, terminated, truncated, info


class AtariGame(AtariEnv):
    """One game, frame by frame what `AtariGames` has; observations are uint8 ``[size, size]``.

    Only the number of idle frames at an episode's start, and which actions stick, are drawn otherwise from its seed.
    """

    def __init__(self, spec: EnvSpec, options: AtariOptions, render_mode: Any = None):
        """Of the game that ``spec`` names; with ``render_mode`` "rgb_array" it renders the screen, uint8 RGB."""
        super().__init__(
            spec.kwargs["game"],
            obs_type="grayscale",
            frameskip=1,
            repeat_action_probability=options.repeat_action_probability,
            full_action_space=options.full_action_space,
            render_mode=render_mode,
        )
        self.spec = _limited(spec, options)
        self.metadata = {"render_modes": ["rgb_array"], "render_fps": FRAMES_PER_SECOND / options.frameskip}
        self._pooled, self._last = (np.zeros(self.observation_space.shape or (), np.uint8) for _ in range(2))
        self.observation_space = _space(options)
        self._options = options
        self._num_frames = 0
        self._lives = 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        """A new game, or with a seed the same game again; see `gymnasium.Env.reset`."""
        frame, info = super().reset(seed=seed, options=options)
        fires = self._options.use_fire_reset and Action.FIRE in self._action_set
        if fires:
            self.ale.act(Action.FIRE)
        for _ in range(int(self.np_random.integers(max(1, self._options.noop_max))) - fires):
            self.ale.act(Action.NOOP)
            if self.ale.game_over():
                self.ale.reset_game()
        self._num_frames, self._lives = 0, self.ale.lives()
        self._pooled, self._last = self.ale.getScreenGrayscale(), np.zeros_like(frame)
        return self._seen(), info | self._get_info()

    def step(self, action: Any) -> Any:
        """As many frames as an action lasts; `AtariOptions.life_loss` adds ``"life_lost"`` to what ale-py tells."""
        total, terminated, truncated, info = 0.0, False, False, {}
        for left in reversed(range(self._options.frameskip)):
            frame, reward, terminated, _, info = super().step(action)
            total += reward
            self._num_frames += 1
            truncated = self._num_frames >= self._options.max_num_frames_per_episode and not terminated
            if terminated or truncated:
                break  # ale-py does not look at the frame that ends an episode
            if left == 1:
                self._last = frame
            elif left == 0:
                self._pooled = frame
        if self._options.life_loss:
            info = info | {"life_lost": info["lives"] < self._lives and not (terminated or truncated)}
        self._lives = self.ale.lives()
        return self._seen(), self._clipped(total), terminated, truncated, info

    def _seen(self) -> np.ndarray:
        self._pooled = np.maximum(self._pooled, self._last)
        return area_resize(self._pooled, self._options.size, self._options.size)

    def _clipped(self, reward: float) -> float:
        return float(np.clip(reward, -1.0, 1.0)) if self._options.reward_clipping else reward


def _space(options: AtariOptions) -> Box:
    return Box(0, 255, (options.size, options.size), np.uint8)


def _limited(spec: EnvSpec, options: AtariOptions) -> EnvSpec:
    return dataclasses.replace(spec, max_episode_steps=options.max_episode_steps)
