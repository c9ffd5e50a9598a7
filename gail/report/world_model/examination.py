"""All figures of a world model at once, by real experience that it has not learned from."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from agents.actor import Actor
from agents.observations import ObservationSpec
from agents.world_model.model import WorldModel
from agents.world_model.vae import VAE, kl_divergence
from gail.report.world_model.evidence import Evidence
from gail.report.world_model.foresight import Foresight, Windows, squared_error, total_variance
from gail.report.world_model.latent_space import active_units, held_out, linear_probe
from gail.report.world_model.returns import dream_returns, real_returns

WARM_UP = 5  # real steps before a model is on its own
AHEAD = (1, 5, 15)  # steps at which its errors are told
MOST_WINDOWS = 256
FEWEST_PROBED = 40  # rows
BLOCK = 256  # rows that are encoded at once
MOST_DECODED = 512  # rows; of four frames of a game, some ten megabytes


@dataclass(frozen=True)
class Examination:
    """What a model is worth; figures without a unit are shares of the variance."""

    kl: np.ndarray  # [Z] nats, of each number of a latent, from N(0, 1)
    reconstruction: float  # squared error of what latents are decoded to
    probes: dict[str, float]  # R² of what is read from latents by a line, held out
    latents: Foresight | None  # None without dynamics
    observations: Foresight | None
    dream_return: float | None  # mean over dreams from real situations; None where no real one is as long
    real_return: float | None  # of the same situations
    horizon: int  # steps of these returns

    @property
    def scalars(self) -> dict[str, float]:
        """By the names of TensorBoard."""
        found: dict[str, float] = {
            "active_units": float(active_units(self.kl)),
            "kl_sum": float(self.kl.sum()),
            "reconstruction_error": self.reconstruction,
        }
        for name, foresight in (("latent", self.latents), ("observation", self.observations)):
            for step in AHEAD:
                pair = None if foresight is None else foresight.at(step)
                if pair is not None:
                    found |= {f"{name}_error_{step}": pair[0], f"{name}_persistence_{step}": pair[1]}
        if self.dream_return is not None and self.real_return is not None:
            found |= {"dream_return": self.dream_return, "real_return": self.real_return}
        if self.probes:
            found["probe_r2"] = float(np.mean(list(self.probes.values())))
        return {f"world_model/{name}": value for name, value in found.items()}

    @property
    def json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "kl": self.kl.tolist(),
            "active_units": active_units(self.kl),
            "reconstruction_error": self.reconstruction,
            "probes": self.probes,
            "warm_up": WARM_UP,
            "latents": None if self.latents is None else _json(self.latents),
            "observations": None if self.observations is None else _json(self.observations),
            "horizon": self.horizon,
            "dream_return": self.dream_return,
            "real_return": self.real_return,
        }


def examine(
    vae: VAE, model: WorldModel | None, evidence: Evidence, actor: Actor | None, horizon: int, rng: np.random.Generator
) -> Examination:
    """Measure everything.

    Args:
        vae: of what the evidence shows.
        model: of its latents, where there is one.
        evidence: real experience.
        actor: on latents; whose evidence it is, where returns are to be compared.
        horizon: steps of the returns that are compared.
        rng: draws rows, and dreams.
    """
    tape, latents = evidence.tape, evidence.latents(vae.mirror)
    rows = np.sort(rng.permutation(len(tape))[:MOST_DECODED])
    seen = newest(vae.observations, tape.seen(vae.observations, rows))
    scale = _deviation(seen)
    decoded = newest(vae.observations, vae.decode(latents[rows]))
    error = squared_error((decoded / scale)[:, None], (seen / scale)[:, None], np.ones((len(rows), 1), bool))[0]
    variance = max(total_variance(seen / scale), 1e-12)
    foresights, returns = (None, None), (None, None)
    if model is not None:
        foresights = _foresee(vae, model, evidence, latents, scale, variance, rng)
    if model is not None and actor is not None:
        returns = _compare_returns(model, evidence, latents, actor, horizon, rng)
    return Examination(
        divergence(vae, evidence), float(error) / variance, _probe(evidence, latents), *foresights, *returns, horizon
    )


def newest(spec: ObservationSpec, seen: np.ndarray) -> np.ndarray:
    """Of what is seen ``[..., *shape]``, float32: of images the newest frame, which the others once were."""
    frames = seen[(..., -1, *(slice(None),) * len(spec.frame))] if spec.is_image else seen
    return np.asarray(frames, np.float32)


def divergence(vae: VAE, evidence: Evidence) -> np.ndarray:
    """KL divergence of each number of a latent from N(0, 1), in nats, over all rows: ``[Z]``."""
    total, count = np.zeros(vae.size), len(evidence.tape)
    for start in range(0, count, BLOCK):
        rows = np.arange(start, min(start + BLOCK, count))
        seen = tf.constant(evidence.tape.seen(vae.observations, rows))
        total += len(rows) * kl_divergence(*vae.posterior(vae.scaled(seen))).numpy()
    return total / count


def _foresee(
    vae: VAE, model: WorldModel, evidence: Evidence, latents: np.ndarray, scale: np.ndarray, variance: float,
    rng: np.random.Generator,
) -> tuple[Foresight | None, Foresight | None]:  # fmt: skip
    """In latents and in observations; None where no episode is long enough."""
    tape = evidence.tape
    windows = Windows.drawn(tape.leads, WARM_UP, max(AHEAD), MOST_WINDOWS, rng)
    if not len(windows.rows):
        return None, None
    expected = model.foreseen(latents[windows.seen], tape.actions[windows.acting]).mean(0)
    last = np.broadcast_to(latents[windows.seen[:, -1:]], expected.shape)
    true = latents[windows.foreseen]
    unit = max(total_variance(latents), 1e-12)
    in_latents = Foresight(*(squared_error(each, true, windows.known) / unit for each in (expected, last)))
    errors = np.empty((2, windows.horizon))
    before = newest(vae.observations, tape.seen(vae.observations, windows.seen[:, -1])) / scale
    for step in range(windows.horizon):  # one after another, because images are large
        after = newest(vae.observations, tape.seen(vae.observations, windows.foreseen[:, step])) / scale
        decoded = newest(vae.observations, vae.decode(expected[:, step])) / scale
        known = windows.known[:, step : step + 1]
        errors[:, step] = [squared_error(each[:, None], after[:, None], known)[0] for each in (decoded, before)]
    return in_latents, Foresight(*(errors / variance))


def _compare_returns(
    model: WorldModel, evidence: Evidence, latents: np.ndarray, actor: Actor, horizon: int, rng: np.random.Generator
) -> tuple[float | None, float | None]:
    """Mean returns in dreams and in truth, from the same situations."""
    tape = evidence.tape
    windows = Windows.drawn(tape.leads, WARM_UP, 1, len(tape), rng)
    real = real_returns(tape.rewards, tape.leads, tape.terminations, horizon)[windows.seen[:, -1]]
    chosen = rng.permutation(np.flatnonzero(np.isfinite(real)))[:MOST_WINDOWS]
    if not len(chosen):
        return None, None
    seen = windows.seen[chosen]
    state = model.remembered(latents[seen], tape.actions[seen[:, :-1]])
    dreamt = dream_returns(model, actor, state, state["latents"], horizon, rng)
    return float(dreamt.mean()), float(real[chosen].mean())


def _probe(evidence: Evidence, latents: np.ndarray) -> dict[str, float]:
    """R² by name, of what varies; all that is known in the same rows is read at once."""
    found: dict[str, float] = {}
    known = np.isfinite(evidence.truths)
    for pattern in np.unique(known, axis=1).T:
        numbers = np.flatnonzero((known == pattern[:, None]).all(0))
        if pattern.sum() < FEWEST_PROBED:
            continue
        r2 = linear_probe(latents[pattern], evidence.truths[pattern][:, numbers], held_out(int(pattern.sum())))
        found |= {evidence.names[n]: float(each) for n, each in zip(numbers, r2, strict=True) if np.isfinite(each)}
    return {name: found[name] for name in evidence.names if name in found}


def _deviation(seen: np.ndarray) -> np.ndarray:
    """Of each number of a vector, so that all count alike; all pixels have one unit."""
    return np.maximum(seen.std(0), 1e-6) if seen.ndim == 2 else np.ones(1, np.float32)


def _json(foresight: Foresight) -> dict[str, list[float | None]]:
    def plain(errors: np.ndarray) -> list[float | None]:
        return [None if np.isnan(error) else float(error) for error in errors]

    return {"model": plain(foresight.model), "persistence": plain(foresight.persistence)}
