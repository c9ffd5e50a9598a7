"""The one exception for what a user can mend."""


class InputError(ValueError):
    """Something the user gave is wrong.

    The message is one sentence that names what is wrong and its remedy. The commands print it and exit with status 2.
    """
