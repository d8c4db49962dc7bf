"""Imports that an answer begins with come to where the file imports, and nothing else does."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.edits.apply import apply
from lsp_server.features.edit_options import EditOptions
from lsp_server.features.edit_request import Edited, NotEdited
from lsp_server.models.scripted import ScriptedBackend
from tests.features.edits import applied, edit, marked

ENDINGS = {
    "c": "c",
    "cpp": "cpp",
    "csharp": "cs",
    "go": "go",
    "java": "java",
    "javascript": "js",
    "kotlin": "kt",
    "python": "py",
    "rust": "rs",
    "scala": "scala",
    "swift": "swift",
    "typescript": "ts",
    "typescriptreact": "tsx",
}

CASES: dict[str, tuple[str, str, str, str]] = {
    "behind the imports": (
        "python",
        "import math\n\n\n«def f(r):\n    return r\n»",
        "import asyncio\n\n\nasync def f(r):\n    await asyncio.sleep(r)\n",
        "import math\nimport asyncio\n\n\nasync def f(r):\n    await asyncio.sleep(r)\n",
    ),
    "what is there already does not come": (
        "python",
        "from typing import Any, List\nimport math\n\nX = 1\n\n\n«def f(r):\n    return r\n»",
        "from typing import Any\nfrom typing import cast\nimport math\n\n"
        "def f(r: Any):\n    return cast(int, r)\n",
        "from typing import Any, List\nimport math\nfrom typing import cast\n\nX = 1\n\n\n"
        "def f(r: Any):\n    return cast(int, r)\n",
    ),
    "what is not used does not come": (
        "python",
        "import math\n\n\n«def f(r):\n    return r\n»",
        "import os\nimport sys as s\nfrom a import b, c\nimport x.y\n\ndef f(r):\n    return b(x)\n",
        "import math\nfrom a import b, c\nimport x.y\n\n\ndef f(r):\n    return b(x)\n",
    ),
    "several lines": (
        "python",
        "import math  # for pi\n\n\n«def f(r):\n    return r\n»",
        "from a import (\n    b,\n    c,\n)\n\ndef f(r):\n    return b(r)\n",
        "import math  # for pi\nfrom a import (\n    b,\n    c,\n)\n\n\ndef f(r):\n    return b(r)\n",
    ),
    "features come first": (
        "python",
        '"""Doc."""\n\nimport math\nx = 1\n\n\n«def f(r):\n    return r\n»',
        "from __future__ import annotations\nfrom typing import Any\n\ndef f(r: Any):\n    return r\n",
        '"""Doc."""\n\nfrom __future__ import annotations\nimport math\nfrom typing import Any\nx = 1\n\n\n'
        "def f(r: Any):\n    return r\n",
    ),
    "the first imports of a file, below its docstring": (
        "python",
        '#!/usr/bin/python\n"""Doc.\n\nimport x\n"""\n\nX = 1\n\n\n«def f(r):\n    return r\n»',
        "import os\n\ndef f(r):\n    return os.fspath(r)\n",
        '#!/usr/bin/python\n"""Doc.\n\nimport x\n"""\n\nimport os\n\nX = 1\n\n\n'
        "def f(r):\n    return os.fspath(r)\n",
    ),
    "below a licence": (
        "python",
        "# Licence.\n\n# A number.\nX = 1\n\n\n«def f(r):\n    return r\n»",
        "import os\n\ndef f(r):\n    return os.fspath(r)\n",
        "# Licence.\n\nimport os\n\n# A number.\nX = 1\n\n\ndef f(r):\n    return os.fspath(r)\n",
    ),
    "at the very top": (
        "python",
        "\ufeffdef g():\n    pass\n\n\n«def f(r):\n    return r\n»",
        "import os\n\ndef f(r):\n    return os.fspath(r)\n",
        "\ufeffimport os\n\n\ndef g():\n    pass\n\n\ndef f(r):\n    return os.fspath(r)\n",
    ),
    "a method": (
        "python",
        "import math\n\n\nclass A:\n    x = 1\n\n«    def f(self):\n        return 1\n»",
        "import asyncio\n\nasync def f(self):\n    await asyncio.sleep(1)\n",
        "import math\nimport asyncio\n\n\nclass A:\n    x = 1\n\n"
        "    async def f(self):\n        await asyncio.sleep(1)\n",
    ),
    "a method as it stands in the file": (
        "python",
        "import math\n\n\nclass A:\n    x = 1\n\n«    def f(self):\n        return 1\n»",
        "import asyncio\n\n    async def f(self):\n        await asyncio.sleep(1)\n",
        "import math\nimport asyncio\n\n\nclass A:\n    x = 1\n\n"
        "    async def f(self):\n        await asyncio.sleep(1)\n",
    ),
    "all that is missing": (
        "python",
        "import math\n\n\ndef f():\n«    return json.dumps(1)\n»",
        "import json\nreturn json.dumps(1)\n",
        "import math\nimport json\n\n\ndef f():\n    return json.dumps(1)\n",
    ),
    "new lines": (
        "python",
        "import math\n\nX = 1\n\n‸\n",
        "import json\n\nY = json.dumps(X)\n",
        "import math\nimport json\n\nX = 1\n\nY = json.dumps(X)\n",
    ),
    "right below the imports": (
        "python",
        "import math\n«def f():\n    return 1\n»",
        "import json\n\ndef f():\n    return json\n",
        "import math\nimport json\ndef f():\n    return json\n",
    ),
    "windows line ends": (
        "python",
        "import math\r\n\r\n\r\n«def f(r):\r\n    return r\r\n»",
        "from a import (\n    b,\n)\n\ndef f(r):\n    return b(r)\n",
        "import math\r\nfrom a import (\r\n    b,\r\n)\r\n\r\n\r\ndef f(r):\r\n    return b(r)\r\n",
    ),
    "a name more from the same module": (
        "typescript",
        "import { a } from './a';\n\nconst x = 1;\n\n«function f() {\n  return a;\n}\n»",
        "import { a, b } from './a';\n\nfunction f() {\n  return a + b;\n}\n",
        "import { a } from './a';\nimport { b } from './a';\n\nconst x = 1;\n\n"
        "function f() {\n  return a + b;\n}\n",
    ),
    "typescript": (
        "typescript",
        "import { a } from './a';\n\nconst x = 1;\n\n«function f() {\n  return a;\n}\n»",
        "import type { B } from './b';\nimport './style.css';\n\nfunction f(): B {\n  return a;\n}\n",
        "import { a } from './a';\nimport type { B } from './b';\nimport './style.css';\n\nconst x = 1;\n\n"
        "function f(): B {\n  return a;\n}\n",
    ),
    "javascript, strict": (
        "javascript",
        "/* Licence. */\n'use strict';\nconst x = 1;\n\n«function f() {\n  return 1;\n}\n»",
        "import fs from 'fs';\n\nfunction f() {\n  return fs;\n}\n",
        "/* Licence. */\n'use strict';\n\nimport fs from 'fs';\n\nconst x = 1;\n"
        "\nfunction f() {\n  return fs;\n}\n",
    ),
    "java": (
        "java",
        "package a;\n\nimport java.util.Map;\n\nclass A {\n«    int f() { return 1; }\n»}\n",
        "import java.util.List;\n\nList<String> f() { return null; }\n",
        "package a;\n\nimport java.util.Map;\nimport java.util.List;\n\nclass A {\n"
        "    List<String> f() { return null; }\n}\n",
    ),
    "java, the first": (
        "java",
        "// Licence.\npackage a;\n\nclass A {\n«    int f() { return 1; }\n»}\n",
        "import java.util.List;\n\nList<String> f() { return null; }\n",
        "// Licence.\npackage a;\n\nimport java.util.List;\n\nclass A {\n"
        "    List<String> f() { return null; }\n}\n",
    ),
    "rust": (
        "rust",
        "use std::fmt;\n\n«fn f() {}\n»",
        "use std::io::{self, Read};\n\nfn f() -> io::Result<()> { Ok(()) }\n",
        "use std::fmt;\nuse std::io::{self, Read};\n\nfn f() -> io::Result<()> { Ok(()) }\n",
    ),
    "c": (
        "c",
        '#include "a.h"\n\nint x;\n\n«int f(void) { return 1; }\n»',
        '#include <stdio.h>\n\nint f(void) { return printf("1"); }\n',
        '#include "a.h"\n#include <stdio.h>\n\nint x;\n\nint f(void) { return printf("1"); }\n',
    ),
    "c++": (
        "cpp",
        "#include <a>\n\n«int f() { return 1; }\n»",
        "#include <vector>\n\nstd::vector<int> f() { return {}; }\n",
        "#include <a>\n#include <vector>\n\nstd::vector<int> f() { return {}; }\n",
    ),
    "c#": (
        "csharp",
        "using System;\n\nclass A {\n«    int F() { return 1; }\n»}\n",
        "using System.Linq;\n\nint F() { return 2; }\n",
        "using System;\nusing System.Linq;\n\nclass A {\n    int F() { return 2; }\n}\n",
    ),
    "scala": (
        "scala",
        "import a.B\n\n«object O { val x = 1 }\n»",
        "import c.{D, E}\n\nobject O { val x = D }\n",
        "import a.B\nimport c.{D, E}\n\nobject O { val x = D }\n",
    ),
    "swift": (
        "swift",
        "import UIKit\n\n«func f() {}\n»",
        "import Foundation\n\nfunc f() -> Date { Date() }\n",
        "import UIKit\nimport Foundation\n\nfunc f() -> Date { Date() }\n",
    ),
    "go": (
        "go",
        'package a\n\nimport (\n\t"fmt"\n\t"os"\n)\n\n«func f() {}\n»',
        'import (\n\t"fmt"\n\tctx "context"\n\t"gopkg.in/yaml.v3"\n\t"unused"\n)\n\n'
        "func f(c ctx.Context) { yaml.Marshal(1) }\n",
        'package a\n\nimport (\n\t"fmt"\n\t"os"\n)\nimport ctx "context"\nimport "gopkg.in/yaml.v3"\n\n'
        "func f(c ctx.Context) { yaml.Marshal(1) }\n",
    ),
    "go, the first": (
        "go",
        "// Licence.\n\npackage a\n\nvar x = 1\n\n«func f() {}\n»",
        'import "os"\n\nfunc f() { os.Exit(1) }\n',
        '// Licence.\n\npackage a\n\nimport "os"\n\nvar x = 1\n\nfunc f() { os.Exit(1) }\n',
    ),
    "an import further down": (
        "typescript",
        "import { a } from './a';\nconst x = a;\nimport { b } from './b';\n\n«const y = x;\n»",
        "import { b, c } from './b';\n\nconst y = b + c;\n",
        "import { a } from './a';\nimport { c } from './b';\nconst x = a;\nimport { b } from './b';\n\n"
        "const y = b + c;\n",
    ),
    "react": (
        "typescriptreact",
        "import React from 'react';\n\nconst x = 1;\n\n«const A = () => <b/>;\n»",
        "import { useState } from 'react';\n\nconst A = () => <b>{useState(1)}</b>;\n",
        "import React from 'react';\nimport { useState } from 'react';\n\nconst x = 1;\n\n"
        "const A = () => <b>{useState(1)}</b>;\n",
    ),
    "kotlin": (
        "kotlin",
        "import a.B\n\n«fun f() = 1\n»",
        "import c.D\n\nfun f() = D()\n",
        "import a.B\nimport c.D\n\nfun f() = D()\n",
    ),
}

LEFT: dict[str, tuple[str, str, str]] = {
    "the lines import themselves": (
        "import math\n\n«import os\nx = 1\n»",
        "import sys\nx = sys\n",
        "import math\n\nimport sys\nx = sys\n",
    ),
    "all of the file": (
        "«import math\n\nx = 1\n»",
        "import sys\n\nx = sys\n",
        "import sys\n\nx = sys\n",
    ),
    "the first code of the file": (
        '"""Doc."""\n\n«def f():\n    return 1\n»',
        "import os\n\n\ndef f():\n    return os\n",
        '"""Doc."""\n\nimport os\n\n\ndef f():\n    return os\n',
    ),
    "imports alone": (
        "import math\n\n«x = 1\n»",
        "import sys\n",
        "import math\n\nimport sys\n",
    ),
    "among other imports of a block": (
        "import math\n\ntry:\n    import a\n«    b = 1\n»except ImportError:\n    a = 1\n",
        "import b\nb.c()\n",
        "import math\n\ntry:\n    import a\n    import b\n    b.c()\nexcept ImportError:\n    a = 1\n",
    ),
    "above the imports": (
        "«x = 1\n»\nimport math\n",
        "import sys\nx = sys\n",
        "import sys\nx = sys\n\nimport math\n",
    ),
    "code before the import": (
        "import math\n\n«x = 1\n»",
        "y = 1\nimport sys\nx = sys\n",
        "import math\n\ny = 1\nimport sys\nx = sys\n",
    ),
    "code on the line of the import": (
        "import math\n\n«x = 1\n»",
        "import sys; sys.exit()\nx = sys\n",
        "import math\n\nimport sys; sys.exit()\nx = sys\n",
    ),
    "a part of a line": ("import math\n\nx = «1»\n", "x = 2\n", "import math\n\nx = 2\n"),
}


async def result(before: str, reply: str, folder: Path, language: str, instruction: str = "Do it") -> str:
    path = folder / f"a.{ENDINGS.get(language, 'txt')}"
    outcome = await edit(before, ScriptedBackend([f"{reply}```"]), path, instruction, language=language)
    assert isinstance(outcome, Edited), outcome
    assert outcome.doubts == ()
    after = apply(outcome.edits.files[0], marked(before)[0])
    assert isinstance(after, str)
    return after


@pytest.mark.parametrize(("language", "before", "reply", "after"), CASES.values(), ids=CASES)
async def test_an_import_comes_to_the_others(
    language: str, before: str, reply: str, after: str, tmp_path: Path
) -> None:
    assert await result(before, reply, tmp_path, language) == after


@pytest.mark.parametrize(("before", "reply", "after"), LEFT.values(), ids=LEFT)
async def test_an_import_stays_where_it_belongs(before: str, reply: str, after: str, tmp_path: Path) -> None:
    assert await result(before, reply, tmp_path, "python") == after


BEFORE = "import math\n\n\ndef f():\n«    return 1\n»"


@pytest.mark.parametrize(
    ("instruction", "lifted"),
    [
        ("Use json", True),
        ("Add the import of json that is missing", True),
        ("Use json; import it locally", False),
        ("Import json here and use it", False),
        ("Use json with a lazy import", False),
        ("Do not touch the imports", False),
        ("No new imports. Use json", False),
        ("Use what is inside of json. Add its import", True),
    ],
)
async def test_the_instruction_may_say_where(instruction: str, lifted: bool, tmp_path: Path) -> None:
    after = await result(BEFORE, "import json\nreturn json.dumps(1)\n", tmp_path, "python", instruction)
    top, inside = "import math\nimport json\n", "import math\n"
    body = "    return json.dumps(1)\n" if lifted else "    import json\n    return json.dumps(1)\n"
    assert after == f"{top if lifted else inside}\n\ndef f():\n{body}"


async def test_who_asks_for_an_import_gets_it_though_nothing_uses_it(tmp_path: Path) -> None:
    after = await result(BEFORE, "import json\nreturn 2\n", tmp_path, "python", "Import json and return 2")
    assert after == "import math\nimport json\n\n\ndef f():\n    return 2\n"


async def test_old_lines_below_an_import_that_is_there_are_no_change(tmp_path: Path) -> None:
    reply = "import math\nimport unused\nreturn 1\n```"
    outcome = await edit(BEFORE, ScriptedBackend([reply]), tmp_path / "a.py")
    assert isinstance(outcome, NotEdited)
    assert outcome.reason == "no-change"


async def test_in_a_language_without_a_grammar_the_answer_stays_as_it_is(tmp_path: Path) -> None:
    after = await result("import a\n\n«x\n»", "import b\nb\n", tmp_path, "plaintext")
    assert after == "import a\n\nimport b\nb\n"


async def test_an_answer_of_blocks_stays_as_it_is(tmp_path: Path) -> None:
    reply = "return 1\n=======\nimport json\nreturn json\n>>>>>>> REPLACE\n```"
    options = EditOptions(max_whole_lines=1)
    before = "import math\n\n\ndef f():\n«    a = 2\n    return 1\n»"
    outcome = await edit(before, ScriptedBackend([reply]), tmp_path / "a.py", options=options)
    assert applied(before, outcome) == before.split("«")[0] + "    a = 2\n    import json\n    return json\n"
