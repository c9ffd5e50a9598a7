"""From the name a user gives to the specification of an environment."""

import difflib
import importlib
import importlib.metadata
import os
import sys
import warnings

import gymnasium
from gymnasium.envs.registration import EnvSpec

from envs.errors import InputError

PLUGIN_GROUP = "gymnasium.envs"


def find_spec(env_id: str) -> EnvSpec:
    """The specification behind ``env_id``.

    ``env_id`` is a Gymnasium id (``CartPole-v1``), an id that an installed package declares under the entry-point
    group ``gymnasium.envs``, ``module:ID`` for an id that importing ``module`` registers, or ``module:Class`` for an
    environment class that nobody registered.

    Raises:
        InputError: nothing of that name can be found; the closest known ids are suggested.
    """
    module_name, _, name = env_id.rpartition(":")
    if module_name:
        return _spec_from_module(module_name, name)
    try:
        return gymnasium.spec(env_id)
    except gymnasium.error.Error:
        _load_plugins()
    try:
        return gymnasium.spec(env_id)
    except gymnasium.error.Error as error:
        raise InputError(f"There is no environment '{env_id}'; {_suggestion(env_id)}.") from error


def portable(spec: EnvSpec) -> bool:
    """Can another process build this environment, or does only the running program know how?"""
    parts = (spec.entry_point, spec.vector_entry_point)
    if any(callable(part) or (part or "").startswith("__main__:") for part in parts):
        return False
    try:
        spec.to_json()
    except (TypeError, ValueError):  # its arguments or wrappers hold code
        return False
    return True


def _spec_from_module(module_name: str, name: str) -> EnvSpec:
    if os.getcwd() not in sys.path:  # `python -m` adds the working directory, the console script does not
        sys.path.insert(0, os.getcwd())
    try:
        module = importlib.import_module(module_name)
    except (ImportError, TypeError) as error:  # TypeError: a relative name
        raise InputError(
            f"The module '{module_name}' of environment '{module_name}:{name}' cannot be imported ({error}); "
            "run from the folder that holds it, or install it."
        ) from error
    if name in gymnasium.registry:
        return gymnasium.spec(name)
    env_class = getattr(module, name, None)
    if isinstance(env_class, type) and issubclass(env_class, gymnasium.Env):
        return EnvSpec(id=name, entry_point=f"{module_name}:{name}")
    raise InputError(
        f"The module '{module_name}' neither registers an environment '{name}' nor has a gymnasium.Env class of that "
        "name; check the name behind the colon."
    )


def _load_plugins() -> None:
    """Import every installed package that declares Gymnasium environments, so that it registers them."""
    import ale_py  # declares none, and registers its games all the same

    gymnasium.register_envs(ale_py)
    for entry_point in importlib.metadata.entry_points(group=PLUGIN_GROUP):
        try:
            loaded = entry_point.load()
            if callable(loaded):
                loaded()
        except Exception as error:  # a broken package must not hide the sound ones
            warnings.warn(f"the environments of '{entry_point.name}' cannot be loaded: {error}", stacklevel=2)


def _suggestion(env_id: str) -> str:
    close = difflib.get_close_matches(env_id, list(gymnasium.registry), n=3, cutoff=0.5)
    if close:
        return f"the closest known ids are {', '.join(close)}"
    return "give a Gymnasium id such as CartPole-v1, or 'module:Class' for a class of your own"
