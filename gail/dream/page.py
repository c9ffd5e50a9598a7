"""A page of HTML with the figures and pictures of a world model."""

import html
from collections.abc import Mapping

import numpy as np

from gail.report.charts import BLUE, ORANGE, Line, Panel, draw_panels
from gail.report.picture import Picture
from gail.report.world_model.examination import AHEAD, WARM_UP, Examination
from gail.report.world_model.latent_space import ACTIVE, active_units

WORDS = {
    "dream": f"Truth | dream | difference. The first {WARM_UP} frames are real in both; then the dream sees no more "
    "than the actions.",
    "dream_chart": "The same in numbers: the mean of all members' dreams, and as a band how far they differ.",
    "errors": "Open-loop errors by steps ahead, as shares of the variance, beside those of 'nothing changes'.",
    "reconstructions": "What is seen, and what is left of it in latents.",
    "traversals": "What the numbers of a latent mean: one moves, the others stay at their means.",
    "kl": f"KL divergence of each number of a latent from N(0, 1), in nats; above {ACTIVE} it is used.",
    "probes": "What a line reads from latents, R2 on experience that it was not fitted to.",
}
STYLE = (
    "body{font:15px sans-serif;margin:2em auto;max-width:62em;color:#222}img{max-width:100%}"
    "table{border-collapse:collapse}td,th{padding:.2em .8em;border-bottom:1px solid #ddd;text-align:right}"
    "td:first-child,th:first-child{text-align:left}"
)


def charts_of(examined: Mapping[str, Examination]) -> dict[str, Picture]:
    """``errors``, ``kl`` and ``probes`` of all kinds of experience, where there are such."""
    errors, kls, probes = [], [], []
    for who, made in examined.items():
        for name, foresight in (("latents", made.latents), ("observations", made.observations)):
            if foresight is not None:
                lines = (Line(foresight.model, label="model"), Line(foresight.persistence, ORANGE, "nothing changes"))
                steps = np.arange(1, len(foresight.model) + 1)
                errors.append(Panel(f"{who}: {name}", lines, steps, floor=0.0))
        kls.append(Panel(f"{who}: KL, nats", [Line(made.kl)], np.arange(len(made.kl)), bars=True, floor=0.0))
        if made.probes:
            values = np.array(list(made.probes.values()))
            names = tuple(name.removeprefix("observation ") for name in made.probes)
            shown = Line(np.maximum(values, -1.0), BLUE)
            probes.append(Panel(f"{who}: R2", [shown], np.arange(len(values)), bars=True, floor=0.0, names=names))
    panels = {"errors": (errors, 2), "kl": (kls, 3), "probes": (probes, 3)}
    return {name: Picture.still(draw_panels(each, columns)) for name, (each, columns) in panels.items() if each}


def page(env_id: str, who: str, examined: Mapping[str, Examination], files: Mapping[str, str]) -> str:
    """The page.

    Args:
        env_id: of the environment.
        who: whose experience the pictures show.
        examined: by whose experience it was.
        files: of pictures, by name.
    """
    title = html.escape(f"A model of {env_id}")
    sections = [
        f"<h2>{name.replace('_', ' ')}</h2><p>{html.escape(words)}</p><img src='{files[name]}' alt='{name}'>"
        for name, words in WORDS.items()
        if name in files
    ]
    return (
        f"<!doctype html><html><head><meta charset='utf-8'><title>{title}</title><style>{STYLE}</style></head><body>"
        f"<h1>{title}</h1>{_table(examined)}<p>Pictures are of what the {html.escape(who)} met.</p>"
        f"{''.join(sections)}</body></html>\n"
    )


def _table(examined: Mapping[str, Examination]) -> str:
    rows: dict[str, list[str]] = {"experience of": list(examined)}
    figures = list(examined.values())
    rows["numbers of a latent used"] = [f"{active_units(made.kl)} of {len(made.kl)}" for made in figures]
    rows["error of reconstructions"] = [f"{made.reconstruction:.4f}" for made in figures]
    for step in AHEAD:
        for name in ("latents", "observations"):
            pairs = [_foresight(made, name, step) for made in figures]
            rows[f"error {step} steps ahead, {name} (nothing changes)"] = pairs
    rows[f"return of {figures[0].horizon} steps in dreams (in truth)"] = [
        "" if made.dream_return is None else f"{made.dream_return:,.2f} ({made.real_return:,.2f})" for made in figures
    ]
    rows["mean R2 of probes"] = [
        f"{np.mean(list(made.probes.values())):.3f}" if made.probes else "" for made in figures
    ]
    lines = []
    for number, (name, cells) in enumerate(rows.items()):
        tag = "td" if number else "th"
        columns = "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in [name, *cells])
        lines.append(f"<tr>{columns}</tr>")
    return f"<table>{''.join(lines)}</table>"


def _foresight(made: Examination, name: str, step: int) -> str:
    foresight = getattr(made, name)
    pair = None if foresight is None else foresight.at(step)
    return "" if pair is None else f"{pair[0]:.4f} ({pair[1]:.4f})"
