import tempfile
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.config.loader import load_configuration
from harn_tui.config.provider_choice import ProviderChoice, choose_provider
from harn_tui.config.remembered_provider import remember_provider
from harn_tui.errors import ConfigError

SERVER = ProviderChoice("llama-server", "openai", "gemma", "http://127.0.0.1:8080/v1")
WRITTEN = """\
# mine
[ui]
theme = "harn-light"  # by day

[providers.work]
kind = "openai"
"""


def test_next_session_starts_with_what_was_remembered(tmp_path: Path) -> None:
    file = tmp_path / "new" / "config.toml"
    remember_provider(file, SERVER)
    loaded = load_configuration(
        cwd=tmp_path,
        environment={},
        user_file=file,
        config_file=None,
        overrides=(),
        is_folder_trusted=False,
    )
    choice = choose_provider(
        loaded.configuration,
        provider=None,
        model=None,
        base_url=None,
        script=None,
        environment={},
    )
    assert choice == SERVER
    assert file.stat().st_mode & 0o077 == 0


def test_comments_and_everything_else_stay(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(WRITTEN)
    remember_provider(file, SERVER)
    text = file.read_text()
    assert all(line in text for line in WRITTEN.splitlines())
    told = tomllib.loads(text)
    assert (told["provider"], told["model"]) == ("llama-server", "gemma")
    assert set(told["providers"]) == {"work", "llama-server"}


def test_another_choice_takes_the_place_of_the_first(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    remember_provider(file, SERVER)
    remember_provider(file, ProviderChoice("ollama", "ollama", "qwen3", "http://127.0.0.1:11434"))
    told = tomllib.loads(file.read_text())
    assert (told["provider"], told["model"]) == ("ollama", "qwen3")


def test_key_is_never_written(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    remember_provider(file, ProviderChoice("openai", "openai", "m", api_key="sk-secret"))
    assert "secret" not in file.read_text()


@pytest.mark.parametrize("text", ["provider = [", "providers = 3\n", "providers = {x = 1}\n= 2"])
def test_broken_file_is_left_as_it_is(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=r"config\.toml"):
        remember_provider(file, SERVER)
    assert file.read_text() == text
    assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]


@pytest.mark.parametrize("name", ["folder", "file/below"])
def test_file_that_cannot_be_written_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError):
        remember_provider(tmp_path / name, SERVER)


def test_link_to_the_file_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.toml", tmp_path / "config.toml"
    real.write_text("# kept\n")
    link.symlink_to(real)
    remember_provider(link, SERVER)
    assert link.is_symlink()
    assert "llama-server" in real.read_text()


TABLES = st.sampled_from(["ui", "loop", "a.b", "providers.work", "providers.llama-server"])


@given(st.lists(st.tuples(TABLES, st.booleans()), unique_by=lambda pair: pair[0]), st.booleans())
def test_whatever_tables_stand_in_the_file_the_choice_is_at_its_top(
    tables: list[tuple[str, bool]], has_model: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "config.toml"
        lines = ['model = "old"\n'] if has_model else []
        lines += [f"# {name}\n[{name}]\n" + "x = 1 # one\n" * filled for name, filled in tables]
        file.write_text("\n".join(lines))
        before = tomllib.loads(file.read_text())
        remember_provider(file, SERVER)
        after = tomllib.loads(file.read_text())
        assert (after.pop("provider"), after.pop("model")) == ("llama-server", "gemma")
        entry = after["providers"].pop("llama-server")
        assert (entry["kind"], entry["base_url"]) == ("openai", SERVER.base_url)
        before.pop("model", None)
        providers = before.setdefault("providers", {})
        providers.pop("llama-server", None)
        assert after == before
