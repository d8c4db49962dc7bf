"""What is no source for people: binary, generated and minified files, told by their names and beginnings."""

from __future__ import annotations

import codecs
import re
from fnmatch import translate
from typing import Literal

Unfit = Literal["binary", "generated", "minified"]

BEGIN = 16_384
"""Bytes from the start of a file that are looked at."""
LONGEST_LINE = 5000
"""Bytes. Nobody writes longer lines; tools do, for machines."""
HEADER = 40
"""Lines at the start in which a tool says that it has written a file."""

BINARY = """
    png jpg jpeg gif bmp ico icns webp avif tif tiff psd xcf heic mp3 mp4 m4a m4v ogg oga ogv opus flac wav
    avi mov mkv webm wmv flv ttf otf woff woff2 eot pdf doc docx xls xlsx ppt pptx odt ods odp epub
    zip gz tgz bz2 tbz xz txz zst lz4 lzma 7z rar tar jar war ear aar apk ipa dmg iso img deb rpm whl egg
    so dylib dll exe o a pdb class pyc pyo pyd wasm beam rlib rmeta
    npy npz h5 hdf5 parquet arrow feather avro onnx pth tflite gguf safetensors ckpt joblib
    blend fbx glb stl 3ds swf indd sketch gmo jks sqlite sqlite3 db mdb swp
"""
"""Endings of files that hold no text, so that they need not be opened."""

GENERATED = """
    package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml bun.lock bun.lockb deno.lock cargo.lock
    poetry.lock pdm.lock uv.lock pixi.lock pipfile.lock composer.lock gemfile.lock podfile.lock mix.lock
    pubspec.lock package.resolved go.sum go.work.sum gopkg.lock glide.lock flake.lock stack.yaml.lock
    cabal.project.freeze packages.lock.json paket.lock conan.lock gradle.lockfile .terraform.lock.hcl
    module.bazel.lock cartfile.resolved
    *.map *_pb2.py *_pb2.pyi *_pb2_grpc.py *.pb.go *.pb.gw.go *.pb.h *.pb.cc *.pb.swift
    *_pb.js *_pb.d.ts *_grpc.pb.go *.g.dart *.freezed.dart *.gr.dart *.designer.cs *.g.cs *.g.i.cs
    zz_generated.*.go *.snap .pnp.cjs .pnp.loader.mjs *.tsbuildinfo
"""
"""Lock files, and what compilers of other languages leave in a repository."""

MINIFIED = "*.min.js *.min.mjs *.min.cjs *.min.css *-min.js *-min.css *.bundle.js *.min.html"

_BINARY = frozenset(BINARY.split())
_GENERATED, _MINIFIED = (
    re.compile("|".join(translate(pattern) for pattern in patterns.split()))
    for patterns in (GENERATED, MINIFIED)
)

_ORDER = re.compile(rb"\b(?:DO NOT|DON'?T) (?:EDIT|MODIFY|CHANGE|TOUCH)\b")
"""In capitals: "do not edit" in small letters is a piece of advice like any other."""

_SIGN = re.compile(
    rb"""
    @generated\b | <auto-?generated
    | \b(?:(?:this|the)\ (?:file|code|source|module)\ (?:is|was|has\ been)|code|file|automatically)
      \s+(?:auto\w*[\s-]*)?generated\s+(?:automatically|by|from|using|with)\b
    | \bauto-?generated\s+(?:by|file|from)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)

_COMMENT = re.compile(
    rb"\s*(?:#|//|/?\*|--|;|%|<!--|\(\*|\{-|['\"]{1,3}|!|rem\b|dnl\b|\.\.)",
    re.IGNORECASE,
)
"""How a line of a comment begins, in any language: what only writes such a sign is not generated itself."""

_CONTROL = re.compile(rb"[\x00-\x06\x0e-\x1a\x1c-\x1f]")
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    codecs.BOM_UTF8: "utf-8-sig",
}
"""Byte order marks. The longer ones come first: that of UTF-16 is the start of one of UTF-32."""


def unfit_name(name: str) -> Unfit | None:
    """What the name of a file tells."""
    name = name.casefold()
    if name.rpartition(".")[2] in _BINARY and "." in name:
        return "binary"
    if _GENERATED.match(name):
        return "generated"
    return "minified" if _MINIFIED.match(name) else None


def unfit_begin(begin: bytes) -> tuple[Unfit, str] | None:
    """What the first BEGIN bytes of a file tell, and by which sign."""
    if sign := _no_text(begin):
        return "binary", sign
    if sign := _generated(begin):
        return "generated", sign
    if longest := _long_line(begin):
        return "minified", f"a line of {longest:,} bytes or more"
    return None


def text_of(content: bytes) -> str:
    """The text of a file that is no binary: as a byte order mark says, in UTF-8, else in Windows-1252."""
    mark = next((mark for mark in _MARKS if content.startswith(mark)), None)
    if mark:
        return content.decode(_MARKS[mark], "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def first_line(begin: bytes) -> str:
    """The first line, at most 300 bytes of it."""
    return text_of(begin[:300]).split("\n", 1)[0]


def _no_text(begin: bytes) -> str:
    if any(begin.startswith(mark) for mark in _MARKS):
        return ""
    nul = begin.find(b"\0")
    if nul >= 0:
        return f"a NUL at byte {nul:,}"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(begin)
    except UnicodeDecodeError as error:
        # Text in an older encoding has no control characters; among compressed data they are never far.
        if control := _CONTROL.search(begin):
            return f"no UTF-8 at byte {error.start:,}, and a control character at byte {control.start():,}"
    return ""


def _generated(begin: bytes) -> str:
    """The line in which a tool says so; empty if there is none."""
    header = b"\n".join(begin.split(b"\n", HEADER)[:HEADER])
    lowered = header.lower()
    if not any(word in lowered for word in (b"generated", b"do not", b"don't")):
        return ""
    for found in (*_ORDER.finditer(header), *_SIGN.finditer(header)):
        start, end = header.rfind(b"\n", 0, found.start()) + 1, header.find(b"\n", found.end())
        line = header[start : end if end >= 0 else None]
        if _COMMENT.match(line):
            return line.decode("utf-8", "replace").strip()[:120]
    return ""


def _long_line(begin: bytes) -> int:
    """The length of the first line that is too long, as far as it is here; 0 if there is none."""
    at = 0
    while len(begin) - at > LONGEST_LINE:
        end = begin.rfind(b"\n", at, at + LONGEST_LINE + 1)
        if end < 0:
            end = begin.find(b"\n", at)
            return (end if end >= 0 else len(begin)) - at
        at = end + 1
    return 0
