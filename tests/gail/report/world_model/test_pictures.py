"""Pictures of images: an autoencoder that knows where a bright column is, and dynamics that move it."""

import io
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from PIL import Image, ImageSequence

from agents.observations import ObservationSpec
from agents.world_model.tape import Tape
from gail.report.world_model.evidence import Evidence
from gail.report.world_model.pictures import album, depicted_image, depicting
from gail.report.world_model.projector import SPRITE, write_projector

SPEC = ObservationSpec((16, 16), depth=2)


def pictured(places: np.ndarray) -> np.ndarray:
    """Places ``[...]`` → float32 ``[..., 2, 16, 16]``, of which the newest frame has a bright column there."""
    frames = np.zeros((*places.shape, 2, 16, 16), np.float32)
    frames[..., 1, :, :] = 255.0 * (np.arange(16) == np.rint(places)[..., None])[..., None, :]
    return frames


class Eye:
    """In the place of an autoencoder: its latent is the bright column's place."""

    observations, size = SPEC, 1

    def __call__(self, seen: np.ndarray) -> np.ndarray:
        return seen[:, -1].mean(1).argmax(-1)[:, None].astype(np.float32)

    @property
    def mirror(self) -> "Eye":
        return self

    def decode(self, latents: np.ndarray) -> np.ndarray:
        return pictured(latents[..., 0])


class Mover:
    """In the place of dynamics: action 1 goes a column to the right; the second of two members stands still."""

    def foreseen(self, latents: np.ndarray, actions: np.ndarray) -> np.ndarray:
        steps = np.cumsum(actions[:, latents.shape[1] - 1 :], 1).astype(np.float32)
        return np.stack([latents[:, -1:] + steps, latents[:, -1:] + steps])


@pytest.fixture
def evidence() -> Evidence:
    frames = pictured(np.arange(12.0))[:, 1].astype(np.uint8)  # it goes to the right, a column a step
    tape = Tape.of_episode(frames, np.ones((11, 1), np.int32), np.zeros(11, np.float32), False)
    return Evidence(tape, np.arange(12.0)[:, None], ("place",))


def columns(image: np.ndarray) -> np.ndarray:
    return np.flatnonzero((image > 128).all(0))


def test_a_film_shows_truth_dream_and_difference(evidence: Evidence) -> None:
    vae, model = cast(Any, Eye()), cast(Any, Mover())
    made = album(vae, model, evidence, lambda seen: depicted_image(SPEC, seen))
    assert set(made) == {"reconstructions", "traversals", "dream"}
    with Image.open(io.BytesIO(made["dream"].data)) as film:
        frames = [np.asarray(frame.convert("L"))[16:] for frame in ImageSequence.Iterator(film)]
    assert len(frames) == 12
    side = frames[0].shape[0]
    truth, dream, difference = (frames[-1][:, i * (side + 2) : i * (side + 2) + side] for i in range(3))
    zoom = side // 16
    assert columns(truth).tolist() == columns(dream).tolist() == list(range(11 * zoom, 12 * zoom))
    assert difference.max() < 10


def test_a_dream_that_goes_wrong_is_seen_in_the_difference(evidence: Evidence) -> None:
    class Still(Mover):
        def foreseen(self, latents: np.ndarray, actions: np.ndarray) -> np.ndarray:
            return super().foreseen(latents, 0 * actions)

    made = album(cast(Any, Eye()), cast(Any, Still()), evidence, lambda seen: depicted_image(SPEC, seen))
    with Image.open(io.BytesIO(made["dream"].data)) as film:
        frames = [np.asarray(frame.convert("L"))[16:] for frame in ImageSequence.Iterator(film)]
    side = frames[0].shape[0]
    differences = [frame[:, 2 * (side + 2) : 2 * (side + 2) + side].max() for frame in frames]
    assert max(differences[:5]) < 10  # real in both
    assert min(differences[5:]) > 128


def test_reconstructions_of_images_stand_below_the_truth(evidence: Evidence) -> None:
    picture = album(cast(Any, Eye()), None, evidence, None)["reconstructions"]
    image = np.asarray(Image.open(io.BytesIO(picture.data)).convert("L"))
    rows = np.split(image[: len(image) // 2 * 2], 2)
    np.testing.assert_array_equal(rows[0], rows[1])
    assert len(columns(rows[0])) >= 8


def test_images_depict_themselves_and_colours_stay(evidence: Evidence) -> None:
    with depicting("anything", {}, SPEC) as depict:
        assert depict is not None
        assert depict(pictured(np.array(3.0)))[:, 3].min() == 255
    coloured = np.zeros((1, 8, 8, 3))
    coloured[..., 0] = 300.0  # as decoders do
    assert depicted_image(ObservationSpec((8, 8, 3), 1), coloured)[0, 0].tolist() == [255, 0, 0]


def test_points_of_images_have_their_pictures(tmp_path: Path) -> None:
    seen = pictured(np.arange(5.0)).astype(np.uint8)
    labels = np.array([["step"], *[[str(i)] for i in range(5)]])
    write_projector(tmp_path, np.arange(10.0).reshape(5, 2), seen, SPEC, labels)
    assert (tmp_path / "projector" / "latents.tsv").read_text().splitlines()[1] == "2.0\t3.0"
    assert (tmp_path / "projector" / "metadata.tsv").read_text().splitlines() == ["step", *"01234"]
    assert f"single_image_dim: {SPRITE} single_image_dim: {SPRITE}" in (tmp_path / "projector_config.pbtxt").read_text()
    sheet = np.asarray(Image.open(tmp_path / "projector" / "sprites.png").convert("L"))
    assert sheet.shape == (3 * SPRITE, 3 * SPRITE)
    fourth = sheet[SPRITE : 2 * SPRITE, :SPRITE]  # the first of the second row
    assert columns(fourth).tolist() == [6, 7]
