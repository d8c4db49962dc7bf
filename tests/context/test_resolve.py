"""Where imports lead, in the ways in which languages say it."""

from __future__ import annotations

import pytest

from context.outline import Import
from context.resolve import best, module_of

FILES = [
    "/r/src/shop/__init__.py",
    "/r/src/shop/cart.py",
    "/r/src/shop/core/price.py",
    "/r/src/other/cart.py",
    "/r/web/lib/cart.ts",
    "/r/web/lib/index.ts",
    "/r/web/cart.test.ts",
    "/r/engine/src/parse/mod.rs",
    "/r/engine/src/parse/words.rs",
    "/r/my-crates/pay-desk/src/lib.rs",
    "/r/my-crates/pay-desk/src/till.rs",
    "/r/my-crates/other/src/till.rs",
    "/r/pkg/store/open.go",
    "/r/java/org/shop/Cart.java",
    "/r/include/shop/cart.h",
]


@pytest.mark.parametrize(
    ("module", "here", "expected"),
    [
        ("shop.cart", "/r/src/main.py", ["/r/src/shop/cart.py"]),
        ("shop", "/r/src/main.py", ["/r/src/shop/__init__.py"]),
        (".cart", "/r/src/shop/order.py", ["/r/src/shop/cart.py"]),
        ("..cart", "/r/src/shop/core/price.py", ["/r/src/shop/cart.py"]),
        (".", "/r/src/shop/order.py", ["/r/src/shop/__init__.py"]),
        ("./lib/cart", "/r/web/main.ts", ["/r/web/lib/cart.ts"]),
        ("./lib/cart.js", "/r/web/main.ts", ["/r/web/lib/cart.ts"]),
        ("./lib", "/r/web/main.ts", ["/r/web/lib/index.ts"]),
        ("../cart.test", "/r/web/lib/index.ts", ["/r/web/cart.test.ts"]),
        ("crate::parse::words", "/r/engine/src/lib.rs", ["/r/engine/src/parse/words.rs"]),
        ("crate::parse", "/r/engine/src/lib.rs", ["/r/engine/src/parse/mod.rs"]),
        ("super::words", "/r/engine/src/parse/lines.rs", ["/r/engine/src/parse/words.rs"]),
        ("self::words", "/r/engine/src/parse/mod.rs", ["/r/engine/src/parse/words.rs"]),
        ("super::super::parse", "/r/engine/src/parse/lines/one.rs", ["/r/engine/src/parse/mod.rs"]),
        ("crate::till", "/r/my-crates/other/src/lib.rs", ["/r/my-crates/other/src/till.rs"]),
        ("pay_desk::till", "/r/engine/src/lib.rs", ["/r/my-crates/pay-desk/src/till.rs"]),
        ("pay_desk", "/r/engine/src/lib.rs", ["/r/my-crates/pay-desk/src/lib.rs"]),
        ("@acme/pay-desk/till", "/r/web/main.ts", ["/r/my-crates/pay-desk/src/till.rs"]),
        ("org.shop.Cart", "/r/java/org/Main.java", ["/r/java/org/shop/Cart.java"]),
        ("shop/cart.h", "/r/src/main.c", ["/r/include/shop/cart.h"]),
        ("numpy.linalg", "/r/src/main.py", []),
        ("react", "/r/web/main.ts", []),
        ("./missing", "/r/web/main.ts", []),
    ],
)
def test_a_module_leads_to_the_file_whose_path_ends_like_it(
    module: str, here: str, expected: list[str]
) -> None:
    assert best(module_of(Import(module, "", "", 0), here), FILES) == expected


def test_what_a_package_shows_of_its_depths_is_found_there() -> None:
    module = module_of(Import("shop", "Price", "", 0), "/r/src/main.py")
    assert best(module, ["/r/src/shop/core/price.py", "/r/src/other/price.py"]) == [
        "/r/src/shop/core/price.py"
    ]


def test_what_a_crate_shows_of_its_depths_is_found_there_and_in_no_other_crate() -> None:
    paths = ["/r/engine/src/parse/words.rs", "/r/other/src/parse/words.rs", "/r/engine/src/cart.rs"]
    for module, here in (
        ("crate::parse", "/r/engine/src/cart.rs"),
        ("super", "/r/engine/src/parse/lines.rs"),
        ("self", "/r/engine/src/parse/mod.rs"),
    ):
        assert best(module_of(Import(module, "Word", "", 0), here), paths) == paths[:1]


def test_a_relative_import_never_leaves_its_folder_for_another_of_the_same_name() -> None:
    module = module_of(Import("./cart", "Cart", "", 0), "/r/web/main.ts")
    assert best(module, FILES) == []
