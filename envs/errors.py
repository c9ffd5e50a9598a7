"""The exceptions that a command answers with one sentence."""


class InputError(ValueError):
    """Something the user gave is wrong.

    The message is one sentence that names what is wrong and its remedy. The commands print it and exit with status 2.
    """


class RunError(RuntimeError):
    """A run that began well cannot go on.

    The message is one sentence. The commands print it and exit with status 1.
    """
