"""A person plays, and keeps the episodes that went well."""

from typing import Any

import pygame

from expert_data.person.keymaps import Controls
from expert_data.person.window import Hands, Window
from expert_data.recording import Recorder, Recording

COUNTDOWN = 3  # seconds
KEEP, DISCARD, SKIP, QUIT = "k", "d", "space", "escape"
IDLE_FPS = 30  # looks a second while nothing moves


class StoppedError(Exception):
    """The person has had enough."""


class Stage:
    """One person, one environment, one window."""

    def __init__(self, env: Recorder, controls: Controls, window: Window, fps: float):
        """Ready to play.

        Args:
            env: renders RGB arrays.
            controls: what the keys mean in it.
            window: where it is seen.
            fps: steps a second.
        """
        self._env, self._controls, self._window, self._fps = env, controls, window, fps
        self._clock = pygame.time.Clock()
        self._title = ""

    def play(self, recording: Recording, seed: int, episodes: int) -> None:
        """Count down, let the person play an episode, ask whether to keep it; until there are enough, or they stop.

        Args:
            recording: where episodes that are kept go to.
            seed: of the first episode.
            episodes: how many to keep.
        """
        kept = 0
        try:
            while kept < episodes:
                self._title = f"episode {kept + 1} of {episodes}"
                self._env.reset(seed=seed)
                self._count_down()
                self._play_episode()
                if self._asked_to_keep():
                    recording.add(self._env.episode, seed)
                    kept += 1
                seed += 1
        except StoppedError:
            return

    def wander(self, seed: int) -> None:
        """Let the person play one episode after another, of which none is kept, until they stop.

        Args:
            seed: of the first episode.
        """
        number = 0
        try:
            while True:
                self._title = f"episode {number + 1}"
                self._env.reset(seed=seed + number)
                self._count_down()
                self._play_episode()
                number += 1
        except StoppedError:
            return

    def _look(self, lines: list[str], fps: float) -> Hands:
        """Show the environment and words, wait for the next moment, and see what the person did."""
        score = f"return {self._env.total_reward:,.1f}, step {len(self._env)}"
        self._window.draw(self._title, [score, "", *lines, "", f"{QUIT}: stop"])
        self._clock.tick(fps)
        hands = self._window.hands()
        if hands.closed or QUIT in hands.pressed:
            raise StoppedError
        return hands

    def _count_down(self) -> None:
        started = pygame.time.get_ticks()
        while (left := COUNTDOWN - (pygame.time.get_ticks() - started) / 1000) > 0:
            hands = self._look([f"begins in {left:.0f}", f"{SKIP}: now", "", *self._controls.help], IDLE_FPS)
            if SKIP in hands.pressed:
                return

    def _play_episode(self) -> None:
        last = None
        while True:
            hands = self._look(self._controls.help, self._fps)
            for action in self._actions(hands, last):
                last = action
                _, _, terminated, truncated, _ = self._env.step(action)
                if terminated or truncated:
                    return

    def _actions(self, hands: Hands, last: Any) -> list[Any]:
        """Those of one moment: in real time one, and none before the first key where no key means nothing."""
        if self._controls.waits:
            taken = [self._controls.action(hands.held | {key}, hands.pointer) for key in hands.pressed]
        else:
            # A key that was tapped between two looks counts as well.
            action = self._controls.action(hands.held | set(hands.pressed), hands.pointer)
            taken = [last if action is None else action]
        return [action for action in taken if action is not None]

    def _asked_to_keep(self) -> bool:
        while True:
            pressed = self._look([f"{KEEP}: keep this episode", f"{DISCARD}: discard it"], IDLE_FPS).pressed
            if KEEP in pressed or DISCARD in pressed:
                return KEEP in pressed
