"""``gail COMMAND``: the commands of the package under one name."""

import importlib
import sys

COMMANDS = {
    "train": "train an agent from demonstrations",
    "evaluate": "play fresh episodes with a trained agent",
    "record": "record demonstrations, of a policy or of yourself",
    "dream": "fit a model of an environment, report on it, steer it by hand",
    "demos": "look at demonstrations, check, convert, join and split them",
    "generate": "fit a generator of transitions, check it, and draw samples of it",
    "benchmark": "compare with the controls that must fail, with other libraries, with papers",
}


def main() -> int:
    """Hand the arguments on to the command that the first one names."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name in COMMANDS:
        return importlib.import_module(f"gail.{name}").main(sys.argv[2:])
    listing = "\n".join(f"  gail {command:10} {does}" for command, does in COMMANDS.items())
    asked_for_help = name in ("-h", "--help")
    print(f"usage: gail COMMAND [options]\n\n{listing}", file=sys.stdout if asked_for_help else sys.stderr)
    return 0 if asked_for_help else 2


if __name__ == "__main__":
    sys.exit(main())
