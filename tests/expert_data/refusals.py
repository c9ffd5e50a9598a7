"""What is said of demonstrations that are refused."""

from pathlib import Path

import pytest

from envs.errors import InputError
from expert_data import formats


def refusal(source: str | Path) -> str:
    """The message, which is one sentence and names the source in any case."""
    with pytest.raises(InputError) as caught:
        formats.load(source)
    message = str(caught.value)
    assert str(source) in message
    assert "\n" not in message
    return message
