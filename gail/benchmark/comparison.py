"""An expert's agent beside those of the controls, which must fail."""

from typing import Any

FAILED_SHARE = 0.5  # a control fails below half of what the expert's agent gained over a random policy


def comparison(summaries: dict[str, list[dict[str, Any]]]) -> str:
    """A line for each who, and whether it fails.

    Args:
        summaries: of the runs with the expert, and of those with each control.
    """
    first = summaries["expert"][0]
    random, expert = (first[who]["return_mean"] for who in ("random", "expert"))
    recorded = "not recorded" if expert is None else f"{expert:,.1f}"
    means = {who: sum(run["agent"]["return_mean"] for run in runs) / len(runs) for who, runs in summaries.items()}
    gained = means["expert"] - random
    lines = [f"expert {recorded}, random policy {random:,.1f}; agents that were trained with"]
    for who, mean in means.items():
        each = ", ".join(f"{run['agent']['return_mean']:,.1f}" for run in summaries[who])
        verdict = ""
        if who == "expert":
            verdict = "" if gained > 0 else "no better than random: the controls show nothing"
        elif gained > 0:
            verdict = "fails, as it must" if mean - random < FAILED_SHARE * gained else "DOES NOT FAIL"
        lines.append(f"  {who:17} {mean:10,.1f}   ({each})   {verdict}".rstrip())
    return "\n".join(lines)
