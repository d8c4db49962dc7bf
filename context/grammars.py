"""Which grammar reads which language. Tables only; `parse.py` loads what they name."""

from __future__ import annotations

GRAMMARS: dict[str, tuple[str, str]] = {
    "c": ("tree_sitter_c", "language"),
    "cpp": ("tree_sitter_cpp", "language"),
    "csharp": ("tree_sitter_c_sharp", "language"),
    "go": ("tree_sitter_go", "language"),
    "java": ("tree_sitter_java", "language"),
    "javascript": ("tree_sitter_javascript", "language"),
    "kotlin": ("tree_sitter_kotlin", "language"),
    "lua": ("tree_sitter_lua", "language"),
    "php": ("tree_sitter_php", "language_php"),
    "python": ("tree_sitter_python", "language"),
    "ruby": ("tree_sitter_ruby", "language"),
    "rust": ("tree_sitter_rust", "language"),
    "scala": ("tree_sitter_scala", "language"),
    "shellscript": ("tree_sitter_bash", "language"),
    "swift": ("tree_sitter_swift", "language"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "typescriptreact": ("tree_sitter_typescript", "language_tsx"),
}
"""For each language with a query, as the language server protocol names it, the module of its grammar and the
function in it."""

LIKE = {
    "arduino": "cpp",
    "cuda-cpp": "cpp",
    "ebuild": "shellscript",
    "glsl": "c",
    "hack": "php",
    "hlsl": "cpp",
    "javascriptreact": "javascript",
    "luau": "lua",
    "metal": "cpp",
    "opencl": "c",
    "sbt": "scala",
    "upc": "c",
}
"""Languages that are read as another one: dialects, and some that look alike."""

PACK = "semble_grammars"
PACK_NAMES = {
    "bat": "batch",
    "erb": "embedded_template",
    "jinja": "jinja2",
    "jsonl": "json",
    "jsonld": "json",
    "makefile": "make",
    "objective-c": "objc",
    "objective-cpp": "objc",
    "proto3": "proto",
    "protobuf": "proto",
    "terraform": "hcl",
    "tex": "latex",
    "viml": "vim",
    "wasm": "wat",
}
"""Languages that the pack calls by another name."""
