"""The benchmarks on the whole bot still run; their figures are for people, not asserted."""

import discord
import pytest

from tests.bench import bench_acknowledge, bench_intake


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
