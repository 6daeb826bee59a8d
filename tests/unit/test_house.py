"""Rules of the house that no other tool keeps."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path
    for top in ("bot", "cogs")
    for path in (ROOT / top).rglob("*.py")
    if "versions" not in path.parts
)
Function = ast.FunctionDef | ast.AsyncFunctionDef

MOST_LINES_A_FILE = 300
MOST_LINES_A_FUNCTION = 40
MOST_LINES_A_CALLBACK = 30


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, Function):
            yield node


def body_lines(function: Function) -> int:
    return (function.end_lineno or 0) - function.body[0].lineno + 1


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_files_and_functions_stay_small(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MOST_LINES_A_FILE
    most = MOST_LINES_A_CALLBACK if "cogs" in path.parts else MOST_LINES_A_FUNCTION
    assert [one.name for one in functions(path) if body_lines(one) > most] == []


@pytest.mark.parametrize(
    "path",
    [path for path in SOURCES if path.parts[-2] in {"cogs", "delivery"}],
    ids=name_of,
)
def test_no_sentence_for_members_stands_outside_the_texts(path: Path) -> None:
    """What is handed to a sending call, or becomes `content`, is never a literal."""
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    sending = {"send", "answer", "send_message", "edit", "edit_original_response", "reply"}
    literal = []
    for call in calls:
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        values = [*call.args, *(key.value for key in call.keywords if key.arg == "content")]
        if name in sending and any(
            isinstance(value, ast.Constant | ast.JoinedStr) for value in values
        ):
            literal.append(f"{name} in line {call.lineno}")
    assert literal == []


def test_the_visible_top_level_is_the_agreed_one() -> None:
    agreed = {
        "LICENSE", "Procfile", "README.md", "bot", "cogs", "docs", "pyproject.toml",
        "requirements.txt", "tests",
    }  # fmt: skip
    built = re.compile(r"\..*|__pycache__|.*\.egg-info|data|demo-output")
    there = {path.name for path in ROOT.iterdir() if not built.fullmatch(path.name)}
    assert there <= agreed
