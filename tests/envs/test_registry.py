"""From a name to an environment."""

import importlib.metadata
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import gymnasium
import pytest

from envs.errors import InputError
from envs.make import make
from envs.registry import find_spec

REGISTERS = """
import gymnasium
from tiny_envs import CountingEnv

def register():
    gymnasium.register("Mine-v3", entry_point=CountingEnv, max_episode_steps=2)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The working directory of someone with modules of his own; nothing he imports or registers stays."""
    registry, modules = dict(gymnasium.registry), set(sys.modules)
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry])
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    gymnasium.registry.clear()
    gymnasium.registry.update(registry)
    for name in set(sys.modules) - modules:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


def install_plugins(folder: Path, monkeypatch: pytest.MonkeyPatch, *values: str) -> None:
    monkeypatch.syspath_prepend(folder)
    plugins = EntryPoints(EntryPoint(f"plugin-{value}", value, "gymnasium.envs") for value in values)
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: plugins.select(group=group))


def test_a_gymnasium_id_is_found_without_importing_any_plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: str) -> EntryPoints:
        raise AssertionError("nobody asked for plugins")

    monkeypatch.setattr(importlib.metadata, "entry_points", refuse)
    assert find_spec("CartPole-v1").id == "CartPole-v1"


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("CartPol-v1", "CartPole-v1"),
        ("CartPole", "CartPole-v1"),
        ("cartpole-v1", "CartPole-v1"),
        ("Hoper-v5", "Hopper-v5"),
    ],
)
def test_an_unknown_id_suggests_the_closest(wrong: str, right: str) -> None:
    with pytest.raises(InputError, match=f"There is no environment '{wrong}'.*{right}"):
        find_spec(wrong)


@pytest.mark.parametrize("name", ["xyzzy", "", "xyzzy/xyzzy/xyzzy", "CartPole-v1 "])
def test_a_name_like_no_id_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="There is no environment"):
        find_spec(name)


def test_a_name_like_no_id_explains_what_to_give() -> None:
    with pytest.raises(InputError, match="module:Class"):
        find_spec("xyzzy")


def test_an_id_that_a_module_registers_is_found_in_the_working_directory(folder: Path) -> None:
    (folder / "my_registration.py").write_text(REGISTERS + "register()\n")
    spec = find_spec("my_registration:Mine-v3")
    assert (spec.id, spec.max_episode_steps) == ("Mine-v3", 2)
    assert make("my_registration:Mine-v3", 2).num_envs == 2


def test_a_class_that_nobody_registered_is_found_by_its_module(folder: Path) -> None:
    (folder / "my_package").mkdir()
    source = "from tiny_envs import CountingEnv\nclass Mine(CountingEnv): pass\n"
    (folder / "my_package" / "classes.py").write_text(source)
    env = make("my_package.classes:Mine", 2, {"length": 1})
    assert env.reset(seed=0)[0].tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert "Mine" not in gymnasium.registry


@pytest.mark.parametrize("name", ["tiny_envs:Nothing", "tiny_envs:np", "tiny_envs:Discrete", "tiny_envs:"])
def test_a_module_without_such_an_environment_is_named(name: str) -> None:
    with pytest.raises(InputError, match=r"'tiny_envs' neither registers .* nor has"):
        find_spec(name)


def test_a_relative_module_is_refused() -> None:
    with pytest.raises(InputError, match=r"'\.tiny_envs'"):
        find_spec(".tiny_envs:CountingEnv")


def test_a_module_that_cannot_be_imported_is_named_with_the_reason(folder: Path) -> None:
    (folder / "needs_more.py").write_text("import a_package_nobody_has\n")
    with pytest.raises(InputError, match=r"'nowhere_at_all' .* cannot be imported"):
        find_spec("nowhere_at_all:Mine")
    with pytest.raises(InputError, match=r"'needs_more' .* cannot be imported .*a_package_nobody_has"):
        find_spec("needs_more:Mine")


def test_an_installed_plugin_registers_its_ids(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "plugin_with_function.py").write_text(REGISTERS)
    install_plugins(folder, monkeypatch, "plugin_with_function:register")
    assert find_spec("Mine-v3").max_episode_steps == 2


def test_a_plugin_may_be_a_module_that_registers_when_imported(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "plugin_module.py").write_text(REGISTERS + "register()\n")
    install_plugins(folder, monkeypatch, "plugin_module")
    assert find_spec("Mine-v3").max_episode_steps == 2


def test_ids_of_plugins_are_suggested_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "plugin_suggested.py").write_text(REGISTERS)
    install_plugins(folder, monkeypatch, "plugin_suggested:register")
    with pytest.raises(InputError, match="Mine-v3"):
        find_spec("Mine-v2")


@pytest.mark.filterwarnings("ignore:.*Overriding environment")
def test_a_broken_plugin_does_not_hide_the_others(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "plugin_broken.py").write_text("import a_package_nobody_has\n")
    (folder / "plugin_sound.py").write_text(REGISTERS)
    install_plugins(folder, monkeypatch, "plugin_broken", "plugin_sound:register")
    with pytest.warns(UserWarning, match="'plugin-plugin_broken' cannot be loaded"):
        assert find_spec("Mine-v3").max_episode_steps == 2
    with (
        pytest.warns(UserWarning, match="'plugin-plugin_broken' cannot be loaded"),
        pytest.raises(InputError, match="There is no environment"),
    ):
        find_spec("xyzzy")
