"""Settings are read once, and what is wrong is said in one line without a secret in it."""

import logging
import re
from pathlib import Path

import pytest
from dotenv import dotenv_values

from bot.logs import MASK, configure
from bot.settings import Settings, SettingsError

ROOT = Path(__file__).parents[2]
TOKEN = "MTIz.SECRET.token"
KEY = "SG_0123456789abcdef"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    monkeypatch.setenv("SEGMIND_API_KEY", KEY)


def load(monkeypatch: pytest.MonkeyPatch, **values: str) -> Settings:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return Settings.load({})


def test_two_lines_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch)
    assert settings.discord_token.get_secret_value() == TOKEN
    assert settings.price == 35_000
    assert settings.guild_ids == frozenset()


def test_an_empty_value_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, GUILD_IDS="", SEGMIND_API="").segmind_api == "auto"


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, GUILD_IDS="1, 2", BLOCKED_WORDS=" gore , Blood")
    assert settings.guild_ids == {1, 2}
    assert settings.blocked_words == ("gore", "Blood")


@pytest.mark.parametrize("name", ["DISCORD_TOKEN", "SEGMIND_API_KEY"])
def test_a_missing_secret_is_named_with_where_to_get_it(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.delenv(name)
    with pytest.raises(SettingsError, match=f"^{name} is missing: it should be .* under "):
        load(monkeypatch)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GUILD_IDS", "1,x"),
        ("SEGMIND_API", "v3"),
        ("SEGMIND_MODEL", "unheard-of"),
        ("SEGMIND_API_URL", "ftp://x"),
        ("SEGMIND_MAX_RUNNING", "0"),
        ("SEGMIND_PRICE_USD", "-1"),
        ("DATABASE_URL", "mysql://root:hunter2@db/x"),
        ("IMAGE_STORE_URL", "gopher:x"),
        ("USER_IMAGES_PER_HOUR", "many"),
        ("LOG_LEVEL", "LOUD"),
        ("SHARD_IDS", "0,1"),
        ("PORT", "70000"),
    ],
)
def test_a_malformed_value_is_named_and_never_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(SettingsError) as error:
        load(monkeypatch, **{name: value})
    line = str(error.value)
    assert line.startswith(f"{name} is not right: it should be ")
    assert "\n" not in line
    assert "hunter2" not in line
    assert error.value.__cause__ is None


def test_an_unknown_model_lists_the_known(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="seedream-v5-lite-image-to-image"):
        load(monkeypatch, SEGMIND_MODEL="x")


def test_a_host_that_forgets_its_disk_is_no_place_for_files(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL"):
        Settings.load({"DYNO": "worker.1"})
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:p@db/bot")
    with pytest.raises(SettingsError, match="IMAGE_STORE_URL"):
        Settings.load({"DYNO": "worker.1"})


def test_no_secret_shows_in_a_repr_or_in_the_storage_line(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, DATABASE_URL="postgresql://user:hunter2@db.example/bot")
    shown = f"{settings!r} {settings} {settings.storage_line}"
    assert TOKEN not in shown
    assert KEY not in shown
    assert "hunter2" not in settings.storage_line


@pytest.mark.parametrize("style", ["text", "json"])
def test_no_secret_leaves_through_a_log_or_a_traceback(
    capsys: pytest.CaptureFixture[str], style: str
) -> None:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    try:
        configure("INFO", style, [TOKEN, KEY])
        error = RuntimeError(f"https://x/?key={KEY}")
        logging.getLogger("x").error("%s", TOKEN, exc_info=error, extra={"job": "k7f3q"})
    finally:
        root.handlers[:], root.level = before
    written = capsys.readouterr().err
    assert MASK in written
    assert "k7f3q" in written
    assert TOKEN not in written
    assert KEY not in written


def test_the_example_file_lists_every_setting_with_its_default() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    names = [match[1] for line in lines if (match := re.fullmatch(r"(?:# )?([A-Z0-9_]+)=.*", line))]
    assert names == [name.upper() for name in Settings.model_fields]


def test_the_example_file_with_its_comments_removed_is_the_defaults(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    defaults = load(monkeypatch)
    example = (ROOT / ".env.example").read_text()
    opened = re.sub(r"^# ([A-Z0-9_]+=)", r"\1", example, flags=re.MULTILINE)
    (tmp_path / ".env").write_text(opened)
    for name, value in dotenv_values(tmp_path / ".env").items():
        if value:
            monkeypatch.setenv(name, value)
    assert Settings.load({}) == defaults


def test_the_readme_lists_every_setting_once() -> None:
    readme = (ROOT / "README.md").read_text()
    table = [line for line in readme.splitlines() if line.startswith("| `")]
    listed = re.findall(r"`([A-Z0-9_]{4,})`", "\n".join(line.split("|")[1] for line in table))
    assert sorted(listed) == sorted(name.upper() for name in Settings.model_fields)
