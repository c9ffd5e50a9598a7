"""What a person sees while a run goes on."""

import sys
import time
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

PLAIN_INTERVAL = 5.0  # seconds between lines where there is no terminal


@dataclass(frozen=True)
class Status:
    """One moment of a run."""

    steps: int
    steps_per_second: float
    accuracy_expert: float | None  # share of transitions that the discriminator gets right
    accuracy_agent: float | None
    evaluation: str  # the last one, in words

    def __str__(self) -> str:
        """One line."""
        parts = [f"{self.steps:,} steps", f"{self.steps_per_second:,.0f} steps/s"]
        if self.accuracy_expert is not None and self.accuracy_agent is not None:
            parts.append(f"discriminator right on expert {self.accuracy_expert:.0%}, agent {self.accuracy_agent:.0%}")
        return ", ".join([*parts, self.evaluation])


class ProgressLine:
    """A progress bar on a terminal, a line every few seconds elsewhere, nothing if quiet."""

    def __init__(self, total_steps: int, quiet: bool):
        """For a run of ``total_steps``."""
        self._plain = not quiet and not sys.stderr.isatty()
        self._last = -PLAIN_INTERVAL
        columns = (BarColumn(bar_width=20), TextColumn("{task.description}"), TimeRemainingColumn())
        self._bar = None if quiet or self._plain else Progress(*columns, console=Console(stderr=True), transient=True)
        if self._bar is not None:
            self._task = self._bar.add_task("compiling", total=total_steps)
            self._bar.start()

    def show(self, status: Status, now: bool = False) -> None:
        """Show where the run is; ``now`` prints a line however short ago the last one was."""
        if self._bar is not None:
            self._bar.update(self._task, completed=status.steps, description=str(status))
        elif self._plain and (now or time.monotonic() - self._last >= PLAIN_INTERVAL):
            self._last = time.monotonic()
            print(status, file=sys.stderr, flush=True)

    def note(self, sentence: str) -> None:
        """Say something once, above the progress."""
        if self._bar is not None:
            self._bar.console.print(sentence)
        elif self._plain:
            print(sentence, file=sys.stderr, flush=True)

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._bar is not None:
            self._bar.stop()


class Tally:
    """Episodes that are recorded: a line that is written over on a terminal, a line every few seconds elsewhere."""

    def __init__(self, wanted: int, quiet: bool):
        """Of ``wanted`` episodes."""
        self._wanted = wanted
        self._quiet = quiet
        self._kept = 0
        self._last = -PLAIN_INTERVAL

    def show(self, played: int, kept: bool, total_reward: float) -> None:
        """One more has been played."""
        self._kept += kept
        terminal, finished = sys.stderr.isatty(), self._kept == self._wanted
        if self._quiet or not (terminal or finished or time.monotonic() - self._last >= PLAIN_INTERVAL):
            return
        self._last = time.monotonic()
        line = (
            f"{self._kept} of {self._wanted} episodes kept, {played} played, the last with return {total_reward:,.1f}"
        )
        end = "\n" if finished or not terminal else ""
        print(f"\r\x1b[K{line}" if terminal else line, end=end, file=sys.stderr, flush=True)
