"""Keep what runs on Atari have come to, and draw their curves.

    python -m benchmarks.atari keep NAME RUN --command "python -m gail.train ..." --what "..."
    python -m benchmarks.atari draw

The first writes the evaluations of the run in the folder RUN, which may still go on, to ``NAME.json``; the second
draws all of them, against steps and against seconds of training, to ``curves.png``.
"""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import tyro

from benchmarks.record import machine

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Keep:
    """Write the evaluations of a run."""

    name: Annotated[str, tyro.conf.Positional]
    run: Annotated[Path, tyro.conf.Positional]
    command: str
    """That began it."""
    what: str
    """It is, in a few words for the curve."""
    commit: str | None = None
    """Of the library that ran. By default the present one."""


@dataclass(frozen=True)
class Draw:
    """Draw the curves of all that were kept."""


def kept(arguments: Keep) -> dict[str, Any]:
    """What the run says of itself."""
    entries = [json.loads(line) for line in (arguments.run / "metrics.jsonl").read_text().splitlines()]
    config = json.loads((arguments.run / "config.json").read_text())["config"]
    head = ["git", "rev-parse", "--short", "HEAD"]
    commit = arguments.commit or subprocess.run(head, capture_output=True, text=True, check=True).stdout.strip()
    evaluations, seconds, steps = [], 0.0, 0
    for entry in entries:
        if "time/steps_per_second" in entry:
            seconds += (entry["step"] - steps) / entry["time/steps_per_second"]
            steps = entry["step"]
        if "eval/return_mean" in entry:
            found = {name: round(entry[f"eval/{name}"], 2) for name in ("return_mean", "return_std", "length_mean")}
            evaluations.append({"steps": entry["step"], **found, "training_seconds": round(seconds)})
    return {
        "what": arguments.what,
        "command": arguments.command,
        "commit": commit,
        "machine": machine(),
        "stopped_at_steps": steps,
        "episodes_of_an_evaluation": config["eval_episodes"],
        "evaluations": evaluations,
    }


def draw(path: Path) -> None:
    """Mean returns of each run, with the deviation of games as bars; a row a game, which ends the file's name."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    runs = {file.stem: json.loads(file.read_text()) for file in sorted(HERE.glob("*.json"))}
    runs = {name: run for name, run in runs.items() if "evaluations" in run}
    games = sorted({name.rpartition("-")[2] for name in runs})
    figure, rows = pyplot.subplots(len(games), 2, squeeze=False, figsize=(14, 4 * len(games)), layout="constrained")
    for game, panels in zip(games, rows, strict=True):
        chosen = [run for name, run in runs.items() if name.endswith(game)]
        for panel, name, unit in zip(panels, ("steps", "training_seconds"), (1e6, 3600.0), strict=True):
            for number, run in enumerate(chosen):
                found = [each for each in run["evaluations"] if name in each]
                if found:
                    at = [each[name] / unit for each in found]
                    mean, std = ([each[column] for each in found] for column in ("return_mean", "return_std"))
                    color = pyplot.colormaps["tab20"](number % 20)
                    panel.errorbar(at, mean, std, fmt=".-", elinewidth=0.4, color=color, label=run["what"])
        panels[0].set_xlabel("million steps")
        panels[1].set_xlabel("hours of training")
        panels[0].set_ylabel(f"return, {game}")
        panels[1].legend(
            *panels[0].get_legend_handles_labels(), loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize="x-small"
        )
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def main() -> None:
    arguments = tyro.extras.subcommand_cli_from_dict({"keep": Keep, "draw": Draw})
    if isinstance(arguments, Keep):
        (HERE / f"{arguments.name}.json").write_text(json.dumps(kept(arguments), indent=1) + "\n")
    else:
        draw(HERE / "curves.png")


if __name__ == "__main__":
    main()
