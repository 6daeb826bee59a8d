"""The benchmarks on the whole bot still run; their figures are for people, not asserted."""

from pathlib import Path

import discord
import pytest

from tests.bench import bench_acknowledge, bench_intake, bench_showcase


async def test_a_crowd_is_timed_from_press_to_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for owner, name in (
        (discord.InteractionResponse, "defer"),
        (discord.Interaction, "edit_original_response"),
    ):
        monkeypatch.setattr(owner, name, getattr(owner, name))  # put back what it wraps
    monkeypatch.setattr(bench_acknowledge, "MEMBERS", 3)
    await bench_acknowledge.main()
    assert "acknowledged, p99" in capsys.readouterr().out


async def test_the_loop_is_watched_from_photos_to_result(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench_intake, "WIDTH", 200)
    monkeypatch.setattr(bench_intake, "HEIGHT", 150)
    await bench_intake.main()
    assert "loop held while they are taken in" in capsys.readouterr().out


async def test_reactions_and_looks_at_the_best_are_timed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    small = {"MEMBERS": 3, "RESULTS": 1, "REROLLS_OF_EACH": 3, "RATE": 50, "SECONDS": 1}
    for name, value in (small | {"ENTRIES": 50, "LOOKS": 2}).items():
        monkeypatch.setattr(bench_showcase, name, value)
    found = await bench_showcase.measure("sqlite", tmp_path)
    assert found.keys() >= bench_showcase.TARGETS.keys()
