"""What an expert did."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from agents.encoded import Encoder
from envs.actions import ActionSpec
from envs.errors import InputError
from expert_data.arrays import Arrays
from expert_data.episodes import Episodes, Steps


@dataclass(frozen=True)
class Demonstrations(Episodes):
    """Episodes of an expert, and where they come from."""

    metadata: Mapping[str, Any] = field(default_factory=dict)  # env_id, versions, seed, source, time

    @staticmethod
    def from_arrays(
        observations: Any,
        actions: Any = None,
        rewards: Any = None,
        *,
        terminations: Any = None,
        truncations: Any = None,
        dones: Any = None,
        episode_lengths: Any = None,
        next_observations: Any = None,
        time_limit: int | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> "Demonstrations":
        """From arrays of your own, by episode or end to end.

        By episode: a list of E arrays in each place, observations ``[L + 1, ...]`` or ``[L, ...]``, actions
        ``[L, ...]``, rewards ``[L]``; of the flags either such lists or E booleans.

        End to end: arrays over all T steps, and where episodes end is told by ``episode_lengths`` or else by the flags.

        Args:
            observations: ``[T + E, ...]`` with the last one of each episode, or ``[T, ...]`` without.
            actions: ``[T, ...]`` as the environment takes them.
            rewards: ``[T]``, for reporting only.
            terminations: ``[T]``: the task ended with this step.
            truncations: ``[T]``: a time limit or the recording ended the episode.
            dones: ``[T]``: one or the other; see ``time_limit``.
            episode_lengths: ``[E]`` steps of each episode.
            next_observations: ``[T, ...]``. Without them, where last observations are missing, the last step of each
                episode is left out, because nobody knows where it led.
            time_limit: of the environment, in steps. An episode that is done after as many was truncated, and one that
                is done earlier terminated.
            metadata: such as ``{"env_id": "CartPole-v1", "source": "me"}``.

        Raises:
            InputError: the arrays do not belong together, or hold no numbers.
        """
        recorded: dict[str, Any] = {
            "observations": observations, "actions": actions, "rewards": rewards, "terminations": terminations,
            "truncations": truncations, "dones": dones, "next_observations": next_observations,
        }  # fmt: skip
        if isinstance(observations, list | tuple):
            arrays = Arrays.joined(**recorded)
        else:
            given = recorded | {"episode_lengths": episode_lengths}
            given = {name: np.asarray(each) for name, each in given.items() if each is not None}
            arrays = Arrays(**given)
        made = Demonstrations(**arrays.episodes(time_limit), metadata=metadata or {})
        made.require_finite()
        return made

    @staticmethod
    def merged(parts: "Sequence[Demonstrations]") -> "Demonstrations":
        """All episodes of all parts, in order.

        Raises:
            InputError: they differ in environment, in shape or in what was recorded.
        """
        envs = {part.metadata["env_id"] for part in parts if part.metadata.get("env_id")}
        if len(envs) > 1:
            raise InputError(f"they are of different environments: {', '.join(sorted(envs))}; merge those of one")
        sources = list(dict.fromkeys(str(part.metadata.get("source", "unknown")) for part in parts))
        metadata = dict(parts[0].metadata) | {"source": "; ".join(sources)} | ({"env_id": envs.pop()} if envs else {})
        return dataclasses.replace(Demonstrations.joined(parts), metadata=metadata)

    def first(self, count: int) -> "Demonstrations":
        """The first ``count`` episodes.

        Raises:
            InputError: there are not that many.
        """
        if not 1 <= count <= len(self):
            raise InputError(
                f"--num-demos is {count}, but there are {len(self)} episodes; give a number from 1 to that."
            )
        return self.chosen(np.arange(count))

    def after(self, count: int) -> "Demonstrations | None":
        """All episodes but the first ``count``; None if there are no others."""
        return self.chosen(np.arange(count, len(self))) if count < len(self) else None

    def encoded(self, encoder: Encoder) -> "Demonstrations":
        """With latents as observations, float32 ``[T + E, Z]``."""
        spec, latents = encoder.observations, []
        for episode in self:
            steps = np.arange(len(episode.observations))
            latents.append(encoder(np.asarray(episode.observations)[spec.rows(steps, ages=steps)]))
        return dataclasses.replace(self, observations=np.concatenate(latents))

    def subsampled(self, spec: ActionSpec, keep_one_in: int, rng: np.random.Generator, depth: int = 1) -> Steps:
        """Every ``keep_one_in``-th step of each episode, from a random one of its first ``keep_one_in``.

        The subsampling of Ho and Ermon (2016, section 6): neighbouring steps tell much the same.

        Raises:
            InputError: fewer than two steps are left.
        """
        kept = [
            np.arange(start + rng.integers(keep_one_in), start + length, keep_one_in)
            for start, length in zip(self.starts, self.lengths, strict=True)
        ]
        chosen = self.steps(spec, np.concatenate(kept), depth)
        if len(chosen) < 2:
            raise InputError(
                f"The demonstrations are too short: {len(chosen)} of {self.num_steps} steps remain with "
                f"--subsample {keep_one_in}, and at least 2 are needed; give longer ones, or subsample less."
            )
        return chosen
