"""A person steers a dream."""

import collections
from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np

from agents.world_model.model import WorldModel
from agents.world_model.vae import VAE
from envs.errors import InputError
from envs.make import make_single
from expert_data.person.keymaps import controls_of
from expert_data.person.play import Stage
from expert_data.person.window import Window
from expert_data.recording import Recorder
from gail.dream.saved import SavedModel
from gail.report.charts import Line, Panel, draw_panels
from gail.report.world_model.pictures import MOST_NUMBERS, Depict, depicting

if TYPE_CHECKING:
    from gail.dream.command import Play

MOST_FPS = 30.0  # for a person
REMEMBERED = 60  # steps of a chart


class DreamEnv(gymnasium.Env[np.ndarray, Any]):
    """One dream, decoded; it begins where a real episode does, and lasts as long as one may."""

    metadata = {"render_modes": ["rgb_array"]}  # noqa: RUF012  as Gymnasium declares it

    def __init__(self, real: gymnasium.Env, vae: VAE, model: WorldModel, depict: Depict | None):
        """Nothing is dreamt before `reset`.

        Args:
            real: where dreams begin.
            vae: between what is seen and latents.
            model: what is dreamt.
            depict: draws what is seen; without, its numbers are drawn as lines.
        """
        self.observation_space = gymnasium.spaces.Box(-np.inf, np.inf, vae.observations.shape, np.float32)
        self.action_space = real.action_space
        self.render_mode = "rgb_array"
        self._real, self._vae, self._model, self._depict = real, vae, model, depict
        limit = None if real.spec is None else real.spec.max_episode_steps
        self._limit = np.inf if limit is None else limit
        self._shown: collections.deque[np.ndarray] = collections.deque(maxlen=REMEMBERED)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[np.ndarray, dict]:
        """Begin at a real episode's first observation."""
        super().reset(seed=seed)
        frame, _ = self._real.reset(seed=seed)
        spec = self._vae.observations
        latents = self._vae.mirror(spec.first(np.asarray(frame, spec.dtype)[None]))
        actions = self._model.actions
        nothing = np.zeros((1, 0, actions.num_components), actions.dtype_of_components)
        self._state = self._model.remembered(latents[:, None], nothing)
        self._steps = 0
        self._shown.clear()
        return self._seen(), {}

    def step(self, action: Any) -> tuple[np.ndarray, float, bool, bool, dict]:
        """What the model says comes of it."""
        imagined = self._model.step(self._state, np.asarray(action)[None], self.np_random)
        self._state = imagined.state
        self._steps += 1
        ended = bool(imagined.terminations[0])
        return self._seen(), float(imagined.rewards[0]), ended, self._steps >= self._limit and not ended, {}

    def render(self) -> np.ndarray:  # pyright: ignore[reportIncompatibleMethodOverride]  of one mode
        """The newest observation as RGB, or the last of them as lines."""
        if self._depict is not None:
            return self._depict(self._shown[-1])
        numbers = np.stack(self._shown).T[:MOST_NUMBERS]
        steps = np.arange(self._steps - numbers.shape[1] + 1, self._steps + 1)
        panels = [Panel(f"observation {i}: {row[-1]:.3g}", [Line(row)], steps) for i, row in enumerate(numbers)]
        return np.asarray(draw_panels(panels, columns=2))

    def _seen(self) -> np.ndarray:
        self._shown.append(self._vae.decode(self._state["latents"])[0].astype(np.float32))
        return self._shown[-1]


def play(arguments: "Play") -> None:
    """Open a window, and let a person play until they stop.

    Raises:
        InputError: there is no model to play in, no screen, or there are no keys for such actions.
    """
    saved = SavedModel.load(arguments.run, arguments.temperature)
    if saved.model is None:
        raise InputError(f"'{arguments.run}' has latents and no dynamics of them; give a run with --dream.")
    config = saved.config
    real = make_single(config.env, config.env_arguments)
    controls = controls_of(real, arguments.keys, arguments.mouse)
    fps = arguments.fps or min(MOST_FPS, real.metadata.get("render_fps") or MOST_FPS)
    with depicting(config.env, config.env_arguments, saved.vae.observations) as depict:
        dream = Recorder(DreamEnv(real, saved.vae, saved.model, depict))
        dream.reset(seed=arguments.seed)  # there is nothing to see before
        with Window(dream, arguments.zoom) as window:
            Stage(dream, controls, window, fps).wander(arguments.seed)
    real.close()
