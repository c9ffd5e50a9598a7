"""What a world model sees, dreams and means, in pictures."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from agents.observations import ObservationSpec
from agents.world_model.model import WorldModel
from agents.world_model.vae import VAE
from envs.depiction import Depiction
from gail.report.charts import COLOURS, ORANGE, Line, Panel, draw_panels
from gail.report.picture import Picture
from gail.report.world_model.evidence import Evidence
from gail.report.world_model.examination import WARM_UP, newest
from gail.report.world_model.foresight import Windows

Depict = Callable[[np.ndarray], np.ndarray]  # what is seen [*shape] → RGB, uint8 [H, W, 3]

DREAM_STEPS = 45  # at most, after the real ones
FRAMES_PER_SECOND = 10
MOST_NUMBERS = 8  # of an observation or of a latent, each with a panel of its own
EXAMPLES = 8  # images in a row
SWEEP = np.linspace(-2.0, 2.0, 7, dtype=np.float32)  # deviations of a latent's number
LINE_STEPS = 200  # of a chart of reconstructions
SIDE, LABEL = 168, 16  # pixels: about as high as a picture is shown, and of the words above it


def album(vae: VAE, model: WorldModel | None, evidence: Evidence, depict: Depict | None) -> dict[str, Picture]:
    """All pictures, by name: ``reconstructions`` and ``traversals``, and of dynamics ``dream``.

    Of vectors there are charts, and ``dream_chart`` beside ``dream`` where they can be depicted, which for images is
    never in question.

    Args:
        vae: of what the evidence shows.
        model: of its latents, where there is one.
        evidence: real experience.
        depict: draws what is seen, where that can be.
    """
    latents = evidence.latents(vae.mirror)
    pictures = {"reconstructions": _reconstructions(vae, evidence, latents), "traversals": _traversals(vae, latents)}
    if model is None:
        return pictures
    windows = Windows.drawn(evidence.tape.leads, WARM_UP, DREAM_STEPS, len(latents), np.random.default_rng(0))
    if not len(windows.rows):
        return pictures
    longest = int(windows.known.sum(1).argmax())
    steps = int(windows.known[longest].sum())
    window = Windows(windows.rows[longest : longest + 1], WARM_UP, windows.known[longest : longest + 1, :steps])
    foreseen = model.foreseen(latents[window.seen], evidence.tape.actions[window.acting])[:, 0]  # [E, H, Z]
    begun = np.broadcast_to(latents[window.seen[0]], (len(foreseen), WARM_UP, vae.size))
    dreamt = np.concatenate([begun, foreseen], 1)
    truth = evidence.tape.seen(vae.observations, np.concatenate([window.seen[0], window.foreseen[0]]))
    if not vae.observations.is_image:
        pictures["dream_chart"] = _dream_chart(truth, vae.decode(dreamt))
    if depict is not None:
        pictures["dream"] = _dream_film(truth, vae.decode(dreamt.mean(0)), depict)
    return pictures


@contextmanager
def depicting(env_id: str, env_kwargs: Mapping[str, Any], spec: ObservationSpec) -> Iterator[Depict | None]:
    """How what an environment shows is drawn; None where nobody knows."""
    if spec.is_image:
        yield lambda seen: depicted_image(spec, seen)
    elif Depiction.can_depict(env_id, env_kwargs):
        with Depiction(env_id, env_kwargs) as depict:
            yield depict
    else:
        yield None


def depicted_image(spec: ObservationSpec, seen: np.ndarray) -> np.ndarray:
    """The newest frame of ``seen [*shape]``, as RGB, uint8 ``[H, W, 3]``."""
    frame = np.clip(np.rint(newest(spec, seen)), 0, 255).astype(np.uint8)
    frame = frame[..., None] if frame.ndim == 2 else frame
    return frame[..., :3] if frame.shape[-1] >= 3 else np.repeat(frame[..., :1], 3, -1)


def _reconstructions(vae: VAE, evidence: Evidence, latents: np.ndarray) -> Picture:
    spec, count = vae.observations, len(latents)
    if spec.is_image:
        rows = np.linspace(0, count - 1, min(count, EXAMPLES)).astype(int)
        both = (evidence.tape.seen(spec, rows), vae.decode(latents[rows]))
        return Picture.still(_grid([[depicted_image(spec, each) for each in seen] for seen in both]))
    rows = np.arange(min(count, LINE_STEPS))
    truth, decoded = evidence.tape.seen(spec, rows), vae.decode(latents[rows])
    lines = [(truth[:, i], decoded[:, i]) for i in range(min(spec.shape[0], MOST_NUMBERS))]
    panels = [
        Panel(f"observation {i}", (Line(true, label="truth"), Line(made, ORANGE, "decoded")), rows)
        for i, (true, made) in enumerate(lines)
    ]
    return Picture.still(draw_panels(panels, columns=2))


def _traversals(vae: VAE, latents: np.ndarray) -> Picture:
    """From the mean latent, one number at a time through two deviations to both sides."""
    mean, std = latents.mean(0), latents.std(0)
    chosen = np.sort(np.argsort(-std, kind="stable")[:MOST_NUMBERS])  # those that say most
    swept = mean + SWEEP[:, None] * std * np.eye(vae.size, dtype=np.float32)[chosen][:, None]
    decoded = vae.decode(swept.astype(np.float32))  # [K, V, *shape]
    if vae.observations.is_image:
        return Picture.still(_grid([[depicted_image(vae.observations, each) for each in row] for row in decoded]))
    unit = np.maximum(decoded.reshape(-1, decoded.shape[-1]).std(0), 1e-6)
    moved = ((decoded - vae.decode(mean[None])[0]) / unit)[..., :MOST_NUMBERS]
    panels = [
        Panel(
            f"latent {z}, ± 2 deviations",
            [Line(each, colour, str(i)) for i, (each, colour) in enumerate(zip(rows.T, COLOURS, strict=False))],
            SWEEP,
        )
        for z, rows in zip(chosen.tolist(), moved, strict=True)
    ]
    return Picture.still(draw_panels(panels, columns=2))


def _dream_chart(truth: np.ndarray, dreamt: np.ndarray) -> Picture:
    """Truth ``[F, D]`` and what each member dreams, ``[E, F, D]``, whose deviation is drawn to both sides."""
    mean, spread, steps = dreamt.mean(0), dreamt.std(0), np.arange(len(truth)) - (WARM_UP - 1)
    panels = [
        Panel(
            f"observation {i}",
            (Line(truth[:, i], label="truth"), Line(mean[:, i], ORANGE, "dream", spread[:, i])),
            steps,
            mark=0.0,
        )
        for i in range(min(truth.shape[1], MOST_NUMBERS))
    ]
    return Picture.still(draw_panels(panels, columns=2))


def _dream_film(truth: np.ndarray, dreamt: np.ndarray, depict: Depict) -> Picture:
    """Truth | dream | difference, ``[F, *shape]`` each; the first frames are real in both."""
    images = []
    for step, (true, made) in enumerate(zip(truth, dreamt, strict=True)):
        left, right = depict(true), depict(made)
        difference = np.abs(left.astype(np.int16) - right).astype(np.uint8)
        words = ("truth", "seen" if step < WARM_UP else f"dream, step {step - WARM_UP + 1}", "difference")
        images.append(_labelled([left, right, difference], words))
    return Picture.animated(images, FRAMES_PER_SECOND)


def _grid(rows: Sequence[Sequence[np.ndarray]]) -> Image.Image:
    """Pictures in rows, with a pixel between them."""
    height, width = rows[0][0].shape[:2]
    zoom = max(1, SIDE // 2 // height)
    image = Image.new("RGB", (len(rows[0]) * (width * zoom + 1), len(rows) * (height * zoom + 1)), "white")
    for r, row in enumerate(rows):
        for c, picture in enumerate(row):
            image.paste(
                Image.fromarray(picture).resize((width * zoom, height * zoom), Image.Resampling.NEAREST),
                (c * (width * zoom + 1), r * (height * zoom + 1)),
            )
    return image


def _labelled(pictures: Sequence[np.ndarray], words: Sequence[str]) -> Image.Image:
    """Side by side, each below its word."""
    height, width = pictures[0].shape[:2]
    scale = SIDE / height if height > SIDE else max(1, SIDE // height)
    size = (round(width * scale), round(height * scale))
    image = Image.new("RGB", (len(pictures) * (size[0] + 2), size[1] + LABEL), "white")
    draw = ImageDraw.Draw(image)
    filter_ = Image.Resampling.BOX if scale < 1 else Image.Resampling.NEAREST
    for i, (picture, word) in enumerate(zip(pictures, words, strict=True)):
        image.paste(Image.fromarray(picture).resize(size, filter_), (i * (size[0] + 2), LABEL))
        draw.text((i * (size[0] + 2) + 4, 2), word, fill="black")
    return image
