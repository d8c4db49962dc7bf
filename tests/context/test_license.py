"""The licence at the head of a file is told from other comments there."""

from __future__ import annotations

import pytest

from context.license import license_end


@pytest.mark.parametrize(
    "head",
    [
        "/*\n * Copyright (c) of somebody\n */\n",
        "// Licensed under the terms\n// of somebody\n",
        "#!/usr/bin/env python\n# Copyright of somebody\n#\n# All rights reserved.\n",
        "<!-- Copyright of somebody -->\n",
        "\ufeff-- No warranty of any kind\n",
    ],
)
def test_it_ends_where_the_code_begins(head: str) -> None:
    assert license_end(f"{head}\ncode = 1\n# Copyright\n") == len(head)


@pytest.mark.parametrize(
    "text",
    ["", "# Carts, and what is in them.\ncode = 1\n", "code = 1\n# Copyright of somebody\n", "/* Copyright"],
)
def test_other_comments_are_none(text: str) -> None:
    assert license_end(text) == 0
