"""From what a model gives a tool to what the tool takes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.prompts.tool_arguments import (
    ALIASES,
    TYPES,
    Arguments,
    Misfit,
    Parameter,
    ToolSpec,
    Type,
    Written,
    fit,
)
from tests.cases.calls import TOOLS


def value_of(kind: Type, given: object, **others: object) -> object:
    """What a parameter of a type gets; the message where it gets nothing."""
    tool = ToolSpec("t", (Parameter("path", required=False), Parameter("p", kind)))
    fitted = fit(tool, {"p": given, **others})
    return fitted.values["p"] if isinstance(fitted, Arguments) else fitted.message


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        *(("integer", "12", 12), ("integer", " 12\n", 12), ("integer", "-3", -3), ("integer", "72.0000", 72)),
        *(("integer", 5.0, 5), ("integer", 5, 5), ("number", "1.5", 1.5), ("number", "1e3", 1000.0)),
        *(("number", 2, 2), ("number", "2", 2), ("boolean", "True", True), ("boolean", "0", False)),
        *(("boolean", 1, True), ("boolean", False, False), ("array", "[1, 2]", [1, 2])),
        *(
            ("array", "['a', None]", ["a", None]),
            ("object", '{"a": 1}', {"a": 1}),
            ("object", {"a": 1}, {"a": 1}),
        ),
        *(
            ("string", "02134", "02134"),
            ("string", 7, "7"),
            ("string", True, "true"),
            ("string", "null", "null"),
        ),
    ],
)
def test_a_value_is_read_as_its_type(kind: Type, given: object, value: object) -> None:
    read = value_of(kind, given)
    assert (read, type(read)) == (value, type(value))
    if isinstance(given, str):
        assert value_of(kind, Written(given)) == value


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        *(("integer", "1.5"), ("integer", 1.5), ("integer", True), ("integer", "x"), ("integer", "9" * 5000)),
        *(("integer", float("inf")), ("number", "nan"), ("number", "1e999"), ("number", float("nan"))),
        *(("number", "1_000"), ("boolean", "yes"), ("boolean", 2), ("array", "a"), ("array", {"a": 1})),
        *(("array", "__import__('os')"), ("array", "[" * 5000), ("array", "[{1}]"), ("object", "[]")),
    ],
)
def test_what_is_not_of_the_type_is_told(kind: Type, given: object) -> None:
    message = value_of(kind, given)
    assert isinstance(message, str)
    assert f"`p` of `t` must be {'an' if kind[0] in 'aio' else 'a'} {kind}, and was " in message
    assert len(message) < 160


@pytest.mark.parametrize("value", [{"ä": [1, None]}, [1], {}])
def test_an_object_becomes_a_text_where_the_file_is_json(value: object) -> None:
    text = value_of("string", value, path="A.JSON")
    assert isinstance(text, str)
    assert json.loads(text) == value
    assert value_of("string", value) == text
    assert "must be a string" in str(value_of("string", value, path="a.py"))


def test_what_is_null_is_absent() -> None:
    tool = ToolSpec("t", (Parameter("a", required=False), Parameter("n", "integer", required=False)))
    for null in (None, "null", Written("None")):
        fitted = fit(tool, {"a": null, "n": null})
        assert fitted == Arguments({}, ("`a` was null and was left out", "`n` was null and was left out"))
    assert fit(tool, {"a": Written(""), "n": Written("")}) == Arguments(
        {"a": ""}, ("`n` was null and was left out",)
    )
    assert isinstance(fit(ToolSpec("t", (Parameter("a"),)), {"a": None}), Misfit)


def test_the_right_name_comes_before_another_for_it() -> None:
    tool = ToolSpec("t", (Parameter("path"),))
    for names in (("path", "file"), ("file", "path")):
        fitted = fit(tool, {name: name for name in names})
        assert fitted == Arguments({"path": "path"}, ("`file` is no parameter of `t` and was left out",))


def test_a_parameter_of_the_tool_is_no_other_name() -> None:
    tool = ToolSpec("t", (Parameter("path"), Parameter("file")))
    assert fit(tool, {"file": "f", "path": "p"}) == Arguments({"path": "p", "file": "f"})


def test_every_other_name_means_one_parameter_of_our_tools() -> None:
    for tool in TOOLS:
        for parameter in tool.parameters:
            for other in ALIASES.get(parameter.name, ()):
                assert tool.parameter(other) == parameter


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.text().map(Written),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
).filter(lambda value: not isinstance(value, list | dict) or "Written" not in repr(value))


@given(
    st.dictionaries(st.sampled_from(["p", "P", "path", "file", "x"]), ANYTHING),
    st.sampled_from(sorted(TYPES)),
)
@settings(max_examples=150, deadline=None)
def test_whatever_is_given_is_fitted_or_told(given: dict[str, object], kind: Type) -> None:
    fitted = fit(ToolSpec("t", (Parameter("p", kind), Parameter("path", required=False))), given)
    if isinstance(fitted, Arguments):
        json.dumps(fitted.values)
        assert "p" in fitted.values
    else:
        assert "`p`" in fitted.message
