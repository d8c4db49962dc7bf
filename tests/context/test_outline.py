from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from context.outline import USES, Reference, References

references = st.lists(st.builds(Reference, st.text(), st.integers(0, 2**32 - 1), st.sampled_from(USES)))


@given(given_ones=references)
def test_references_in_columns_are_those_that_were_given(given_ones: list[Reference]) -> None:
    columns = References.of(given_ones)
    assert list(columns) == given_ones
    assert len(columns) == len(given_ones)
    assert columns == References.of(given_ones)
    assert hash(columns) == hash(References.of(given_ones))
    assert [columns[index] for index in range(len(columns))] == given_ones
    assert list(columns[1:3]) == given_ones[1:3]
