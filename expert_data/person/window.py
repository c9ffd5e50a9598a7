"""A window that shows an environment and hears the keyboard."""

from dataclasses import dataclass

import gymnasium
import numpy as np
import pygame

from envs.errors import InputError
from expert_data.person.keymaps import Keys

PANEL_WIDTH, LINE_HEIGHT, MARGIN = 260, 22, 10  # pixels
COMFORTABLE_HEIGHT = 480  # pixels of a picture that nobody gave a zoom for
BACKGROUND, TEXT, TITLE = (24, 24, 28), (210, 210, 214), (255, 200, 90)


@dataclass
class Hands:
    """What a person did since the last look."""

    held: Keys  # names of keys that are down
    pressed: list[str]  # names of keys that went down, in order
    pointer: tuple[float, float]  # the mouse's place in the picture, from the left and from the bottom, 0 to 1
    closed: bool  # the window was closed


class Window:
    """A context manager; the picture is on the left, words are on the right."""

    def __init__(self, env: gymnasium.Env, zoom: float | None):
        """Open it, as large as the environment's picture.

        Args:
            env: renders RGB arrays, and has been reset.
            zoom: of the picture; None for a comfortable one.

        Raises:
            InputError: the environment gives no picture, or there is no screen.
        """
        frame = _frame(env)
        height, width = frame.shape[:2]
        scale = zoom or max(1.0, COMFORTABLE_HEIGHT / height)
        self._size = (max(1, round(width * scale)), max(1, round(height * scale)))
        try:
            pygame.display.init()
            pygame.font.init()
            self._screen = pygame.display.set_mode((self._size[0] + PANEL_WIDTH, max(self._size[1], 320)))
        except pygame.error as error:
            raise InputError(f"No window can be opened ({error}); to play needs a screen.") from error
        pygame.display.set_caption("gail")
        self._font = pygame.font.Font(None, LINE_HEIGHT)
        self._env = env
        self._held: set[str] = set()
        self._pointer = (0.5, 0.5)

    def __enter__(self) -> "Window":
        """Open."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close."""
        pygame.display.quit()

    def draw(self, title: str, lines: list[str]) -> None:
        """Show the environment as it is now, and some words."""
        self._screen.fill(BACKGROUND)
        picture = pygame.surfarray.make_surface(_frame(self._env).swapaxes(0, 1))
        self._screen.blit(pygame.transform.scale(picture, self._size), (0, 0))
        x, y = self._size[0] + MARGIN, MARGIN
        for number, line in enumerate([title, *lines]):
            text = self._font.render(line, True, TITLE if number == 0 else TEXT)
            self._screen.blit(text, (x, y + number * LINE_HEIGHT))
        pygame.display.flip()

    def hands(self) -> Hands:
        """What happened since the last call."""
        pressed, closed = [], False
        for event in pygame.event.get():
            if event.type == pygame.QUIT:
                closed = True
            elif event.type == pygame.KEYDOWN:
                name = pygame.key.name(event.key)
                pressed.append(name)
                self._held.add(name)
            elif event.type == pygame.KEYUP:
                self._held.discard(pygame.key.name(event.key))
            elif event.type == pygame.MOUSEMOTION:
                x, y = (np.clip(place / size, 0.0, 1.0) for place, size in zip(event.pos, self._size, strict=True))
                self._pointer = (float(x), float(1.0 - y))
        return Hands(frozenset(self._held), pressed, self._pointer, closed)


def _frame(env: gymnasium.Env) -> np.ndarray:
    frame = env.render()
    if not isinstance(frame, np.ndarray) or frame.ndim != 3:
        raise InputError("The environment draws no picture, so that nobody can see what to do; record a policy.")
    return frame.astype(np.uint8)
