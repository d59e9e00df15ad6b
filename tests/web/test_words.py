"""Every sentence stands in a catalogue, in both languages, and none is left over; nor is what a template imports."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest
from jinja2 import Environment, nodes

from sharecare.web.catalogue import catalogue
from sharecare.web.page import HERE

TEMPLATES = sorted((HERE / "templates").rglob("*.html"))
CALLS = frozenset({"t", "said"})
LETTERS = re.compile(r"[^\W\d_]")


def parsed(template: Path) -> nodes.Template:
    return Environment().parse(template.read_text())  # noqa: S701  -- parsed, never rendered


def used_in(template: Path) -> set[str]:
    """Return the keys a template names; of one put together at run time, what it begins with and a star."""
    calls = parsed(template).find_all(nodes.Call)
    return {
        _key(call.args[0])
        for call in calls
        if isinstance(call.node, nodes.Name) and call.node.name in CALLS and call.args
    } - {"*"}


def _key(argument: nodes.Node) -> str:
    if isinstance(argument, nodes.Const):
        return str(argument.value)
    if isinstance(argument, nodes.Concat):
        parts = [str(one.value) if isinstance(one, nodes.Const) else "*" for one in argument.nodes]
        return "".join(parts)
    return "*"


def used_in_code() -> set[str]:
    """Return every key that the code of the pages names, with a star for what is filled in."""
    keys: set[str] = set()
    for path in HERE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                keys.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [str(one.value) if isinstance(one, ast.Constant) else "*" for one in node.values]
                keys.add("".join(parts))
    return keys


def matching(pattern: str) -> set[str]:
    """Return the entries that a key with stars can mean."""
    fits = re.compile("[^.]+".join(map(re.escape, pattern.split("*"))))
    return {key for key in catalogue() if fits.fullmatch(key)}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_names_only_entries_that_exist(template: Path) -> None:
    assert {key for key in used_in(template) if not matching(key)} == set()


def test_no_entry_is_left_over() -> None:
    keys = set().union(*map(used_in, TEMPLATES), used_in_code())
    done = {f"done.{one}" for text in keys for one in re.findall(r"done=([a-z_]+)", text)}
    used = set().union(*(matching(key) for key in keys | done if "." in key and not key.startswith("*")))

    assert set(catalogue()) - used == set()


@pytest.mark.parametrize("key", sorted(catalogue()))
def test_an_entry_says_the_same_in_both_languages(key: str) -> None:
    entry = catalogue()[key]

    assert entry["ja"]
    assert entry["en"]
    facts = {form: {name for _, name, _, _ in Formatter().parse(text) if name} for form, text in entry.items()}
    assert facts["ja"] == facts["en"]
    assert not re.search(r"[ぁ-んァ-ヶ一-龠]", entry["en"]), "Japanese in the English text"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_holds_no_sentence_itself(template: Path) -> None:
    text = template.read_text()
    bare = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->", "", text, flags=re.DOTALL)
    bare = re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", "", bare, flags=re.DOTALL)

    bare = re.sub(r"[\w-]*=\"[^\"]*\"", "", bare)  # what a macro puts into a tag

    words = [line for line in bare.splitlines() if LETTERS.search(line)]
    assert words in ([], ["English", "日本語"]), "put it into words/*.toml"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_uses_what_it_imports(template: Path) -> None:
    # What is included or extended imports for itself. With `icon` imported by code.html again this failed.
    tree = parsed(template)
    imported = {
        name if isinstance(name, str) else name[1] for one in tree.find_all(nodes.FromImport) for name in one.names
    } | {one.target for one in tree.find_all(nodes.Import)}

    assert imported - {one.name for one in tree.find_all(nodes.Name) if one.ctx == "load"} == set()
