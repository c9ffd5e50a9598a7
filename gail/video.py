"""An episode as an animated GIF, with the reward that the agent was trained on drawn below it."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np
from PIL import Image, ImageDraw

from agents.actor import Actor
from envs.make import make_single

WIDTH = 240  # pixels
STRIP = 48  # pixels of the reward's strip
FRAMES_PER_SECOND = 15
SECONDS = 20  # longer episodes are cut


@dataclass(frozen=True)
class Video:
    """An animated GIF."""

    gif: bytes
    width: int  # pixels
    height: int


# Observations [L, D] and actions [L, K] in the policy's form → rewards [L].
RewardFunction = Callable[[np.ndarray, np.ndarray], np.ndarray]


def record_video(
    env_id: str, env_kwargs: Mapping[str, Any], actor: Actor, seed: int, reward: RewardFunction | None = None
) -> Video:
    """Play one episode by the actor's mode and draw it.

    Args:
        env_id: rendered as ``rgb_array``.
        env_kwargs: of its constructor.
        actor: who plays.
        seed: of the start state.
        reward: where given, drawn as a curve below the frames.

    Raises:
        InputError: the environment cannot be built.
        Exception: whatever the environment's renderer raises.
    """
    env = make_single(env_id, env_kwargs, render=True)
    try:
        frames, stride, observations, actions, total = _play(env, actor, seed)
    finally:
        env.close()
    rewards = None if reward is None else reward(observations, actions)
    images = [_compose(frame, i * stride, total, rewards) for i, frame in enumerate(frames)]
    # One palette for all: with one each, browsers leave ghosts of the frame before.
    palette = images[len(images) // 2].quantize(255)
    shown = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]
    buffer = io.BytesIO()
    duration = round(1000 / FRAMES_PER_SECOND)  # milliseconds
    shown[0].save(buffer, "GIF", save_all=True, append_images=shown[1:], duration=duration, loop=0, disposal=1)
    return Video(buffer.getvalue(), *images[0].size)


def _play(env: gymnasium.Env, actor: Actor, seed: int):
    """Frames, steps between them, observations ``[L, D]``, actions ``[L, K]`` and the return so far ``[L]``."""
    stride = max(1, round(env.metadata.get("render_fps", FRAMES_PER_SECOND) / FRAMES_PER_SECOND))
    observation, _ = env.reset(seed=seed)
    frames, observations, actions, rewards = [], [], [], []
    done = False
    while not done and len(frames) < SECONDS * FRAMES_PER_SECOND:
        if len(actions) % stride == 0:
            frames.append(_scaled(np.asarray(env.render())))
        observations.append(np.asarray(observation, np.float32))
        actions.append(actor.mode(observations[-1][None])[0])
        observation, reward, terminated, truncated, _ = env.step(actor.actions.to_env(actions[-1]))
        rewards.append(float(reward))
        done = terminated or truncated
    return frames, stride, np.stack(observations), np.stack(actions), np.cumsum(rewards)


def _scaled(frame: np.ndarray) -> Image.Image:
    image = Image.fromarray(frame.astype(np.uint8))
    return image.resize((WIDTH, round(image.height * WIDTH / image.width)), Image.Resampling.BILINEAR)


def _compose(frame: Image.Image, step: int, returns: np.ndarray, rewards: np.ndarray | None) -> Image.Image:
    """The frame of one step above the return so far and the curve of the discriminator's rewards so far."""
    image = Image.new("RGB", (WIDTH, frame.height + STRIP), "white")
    image.paste(frame)
    draw = ImageDraw.Draw(image)
    words = f"return {returns[step]:,.0f}"
    if rewards is not None:
        words += f"    discriminator's reward {rewards[step]:+.2f}"
        low, high = float(rewards.min()), float(rewards.max())
        so_far = rewards[: step + 1]
        x = np.arange(len(so_far)) * (WIDTH - 1) / max(1, len(rewards) - 1)
        y = frame.height + STRIP - 3 - (so_far - low) / max(high - low, 1e-6) * (STRIP - 20)
        draw.line(list(zip(x.tolist(), y.tolist(), strict=True)), fill="black")
    draw.text((4, frame.height + 2), words, fill="black")
    return image
