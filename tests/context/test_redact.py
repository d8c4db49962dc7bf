"""What is taken out of a text, and what stays."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest

from context import redact_rules as rules
from context.redact import PLACEHOLDER, VAGUE
from tests.context.canaries import ALNUM, BASE64, HEX, PEM_KINDS, basic, of, pem, pem_lines, putty
from tests.context.redacted import HEXADECIMAL, KEY, PASSWORD, TOKENS, assert_gone, assert_stays, checked


@pytest.mark.parametrize("name", TOKENS)
def test_a_token_is_known_by_its_look_alone(name: str) -> None:
    rule, token = TOKENS[name]
    for text in (
        f'client = connect("{token}")\n',
        f"# was {token}, until May\n",
        f"x={token}\n",
        f"a: {token}\nb: 2\n",
        token,
        f"<b>{token}</b>",
        json.dumps({"text": f"one\n{token}\ttwo"}),
        *([f"https://example.org/?q%3D{token}"] if token == quote(token, safe="") else []),
    ):
        redacted = checked(text)
        assert token not in redacted.text
        assert {secret.rule for secret in redacted.found} & {rule, "key", "address"}, redacted
        assert_gone(token[-14:], text)
    assert checked(f'call("{token}", 1)').found[0].rule == rule


def test_there_are_enough_kinds_of_tokens() -> None:
    assert len(TOKENS) > 45


@pytest.mark.parametrize("kind", PEM_KINDS)
@pytest.mark.parametrize(
    "written",
    [
        lambda key: key,
        lambda key: key.replace("\n", "\r\n"),
        lambda key: json.dumps({"private_key": key, "id": 1}),
        lambda key: "\n".join(f'    "{line}\\n"' for line in key.splitlines()),
        lambda key: "\n".join(f'    "{line}\\n" +' for line in key.splitlines()),
        lambda key: "\n".join(f"#   {line}" for line in key.splitlines()),
        lambda key: f"key: |\n{''.join(f'  {line}' for line in key.splitlines(keepends=True))}after: 1\n",
        lambda key: f'KEY = """{key}"""\n',
        lambda key: key.split("-", 1)[1],
        lambda key: key[: len(key) * 2 // 3],
    ],
    ids=["plain", "crlf", "json", "strings", "sum", "comment", "yaml", "quoted", "no-dash", "cut"],
)
def test_a_private_key_is_known_however_it_is_written(kind: str, written: object) -> None:
    assert callable(written)
    key = str(written(pem(kind)))
    text = f"before = 1\n{key}\nafter = 2\n"
    redacted = checked(text)
    for line in pem_lines(kind):
        assert line not in redacted.text
        assert line[:40] not in redacted.text
    assert "before = 1\n" in redacted.text
    assert "after = 2\n" in redacted.text
    assert [secret.rule for secret in redacted.found] == ["private-key"]


def test_a_key_without_its_first_lines_is_known_by_its_last() -> None:
    key = "\n".join(pem("PRIVATE KEY").splitlines()[4:])
    redacted = checked(f"{key}\nafter = 2\n").text
    assert not any(line in redacted for line in pem_lines("PRIVATE KEY"))
    assert "after = 2" in redacted


def test_a_key_keeps_the_lines_that_say_what_it_is() -> None:
    lines = checked(pem("PRIVATE KEY")).text.splitlines()
    assert lines[0] == "-----BEGIN " + "PRIVATE KEY-----"
    assert lines[1] == f"«secret:private-key{'*' * 44}»"
    assert lines[-1] == "-----END " + "PRIVATE KEY-----"


def test_a_putty_key_loses_its_private_part() -> None:
    redacted = checked(putty()).text
    assert not any(line in redacted for line in pem_lines("putty"))
    assert of(HEX, 64, "mac") not in redacted
    assert of(BASE64, 64, "public") in redacted


@pytest.mark.parametrize(
    "begin",
    ["MIIEvAIBADANBgkqhkiG9w0BAQ", "MIIEpAIBAAKCAQEA", "MHcCAQEEIH", "MIGHAgEAMB", "b3BlbnNzaC1rZXktdjE"],
)
def test_a_private_key_in_one_line_without_a_word_is_known(begin: str) -> None:
    body = begin + of(BASE64, 400, begin)
    assert_gone(body, f'load("{body}")')


def test_what_only_speaks_of_keys_stays() -> None:
    begin, end = "-----BEGIN RSA " + "PRIVATE KEY-----", "-----END RSA " + "PRIVATE KEY-----"
    assert_stays(f'BEGIN = "{begin}"\nEND = "{end}"\n')
    assert_stays(f'if text.startswith("{begin}"):\n    raise PrivateKeyInRepository(path)\n')
    assert_stays(f"def is_key(self):\n    return self.footer\n{end}\n")
    assert_stays("-----BEGIN CERTIFICATE-----\nMIIDXTCCAkWgAwIBAgIJ" + of(BASE64, 44, "c") + "\n")
    assert_stays("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + of(BASE64, 43, "p") + " me@here\n")


@pytest.mark.parametrize(
    "text",
    [
        'password = "{p}"',
        "password = '{p}'",
        'DB_PASSWORD: "{p}"',
        '{{"password": "{p}"}}',
        "{{'pwd' : '{p}'}}",
        '\\"password\\": \\"{p}\\"',
        'config["password"] = "{p}"',
        'const string Password = @"{p}";',
        'password: str = "{p}"',
        'let password: &str = "{p}";',
        'var password string = "{p}"',
        'char password[] = "{p}";',
        'if password == "{p}":',
        '"password" => "{p}",',
        "password := `{p}`",
        "<password>{p}</password>",
        '<add key="Password" value="{p}" />',
        '- name: DB_PASSWORD\n  value: "{p}"\n',
        "- name: DB_PASSWORD\n  value: {p}\n",
        '{{"name": "DB_PASSWORD", "value": "{p}"}}',
        "export DB_PASSWORD={p}",
        "MYSQL_PASS={p}\n",
        "password: {p}\n",
        "spring.datasource.password: {p}\n",
        "Server=db;User Id=sa;Password={p};Encrypt=true",
        "mysql --password={p} --host=h",
        "tool --password {p} run",
        'auth: {{ user: "me", pass: "{p}" }}',
        'dbPass = "{p}"',
        'password = process.env.DB_PASSWORD || "{p}"',
        "postgres://me:{p}@db.example.org/app",
        "https://me:{p}@example.org/repo.git",
        "redis://:p@ss,{p}@db.example.org/0",
        "mongodb://me:x1,y2@one:27017,me:{p}@two:27017/app",
        "curl -s -u me:{p} https://example.org",
        "machine example.org login me password {p}\n",
        'SecretStr password = SecretStr("{p}")',
    ],
)
def test_a_password_is_known_by_its_name_or_its_place(text: str) -> None:
    assert_gone(PASSWORD, text.format(p=PASSWORD))


@pytest.mark.parametrize(
    "text",
    [
        'secret = "{k}"',
        'API_KEY = "{k}"',
        'apiKey: "{k}",',
        "api_key={k}",
        'SECRET_KEY = "{k}"',
        "aws_secret_access_key = {k}\n",
        "AWS_SECRET_ACCESS_KEY={k}\n",
        '"accessToken": "{k}"',
        "access_token={k}&expires_in=3600",
        "X-Api-Key: {k}\n",
        '-H "X-Api-Key: {k}"',
        "AccountName=a;AccountKey={k}==;EndpointSuffix=core.windows.net",
        "SharedAccessKeyName=Root;SharedAccessKey={k}=",
        "//registry.example.org/:_authToken={k}\n",
        '"auth": "{k}"',
        'os.environ.get("API_KEY", "{k}")',
        'define("AUTH_KEY", "{k}");',
        'client.set_token("{k}")',
        "Authorization: Bearer {k}\n",
        "Authorization: token {k}\n",
        'headers = {{"Authorization": "Bearer {k}"}}',
        'headers["Authorization"] = f"Bearer {k}"',
        "https://{k}@example.org/repo.git",
        "?sv=2022&sig={k}%3D&se=1",
        "tool --token {k}\n",
        "tool --api-key={k}\n",
        "token: {k}\n",
        'TOKEN="{k}"',
        "PrivateKey = {k}=\n",
        '{{"kty":"OKP","d":"{k}"}}',
        "client_secret: '{k}'",
        'webhook_secret = b"{k}"',
    ],
)
@pytest.mark.parametrize("key", [KEY, HEXADECIMAL], ids=["letters", "hexadecimal"])
def test_a_key_is_known_by_its_name_or_its_place(text: str, key: str) -> None:
    assert_gone(key, text.format(k=key))


def test_user_and_password_of_a_basic_header_are_known() -> None:
    value = basic("me", "hunter2")
    assert_gone(value, f"Authorization: Basic {value}\n")
    assert_gone(value, f'fetch(url, {{headers: {{authorization: "Basic {value}"}}}})')


def test_the_words_of_a_wallet_are_known() -> None:
    words = "legal winner thank year wave sausage worth useful garlic title yellow vivid"
    assert_gone(words, f'mnemonic = "{words}"')
    assert_stays("the seed phrase of a wallet has twelve words or more of a list that all know by heart")


@pytest.mark.parametrize(
    "text",
    [
        'password = os.environ["PASSWORD"]',
        'password = os.environ.get("DB_PASSWORD2")',
        "password = getpass.getpass()",
        'token: str = "default"',
        "token: str | None = None",
        "password: string",
        "password: Optional[str] = None",
        "def login(user, password, token=None): ...",
        "self.password = password1",
        "api_key=settings.API_KEY_2,",
        "secret = hashlib.sha256(data).hexdigest()",
        'secret_name = "projects/1234/secrets/db1"',
        'token_type = "Bearer2"',
        'password_field = "user_password_1"',
        "tokenizer = AutoTokenizer.from_pretrained('Qwen2.5-7B')",
        'tokens = ["a1", "b2"]',
        'author = "J. R. Hacker 3rd"',
        'password = "${DB_PASSWORD}"',
        'password: "{{ vault_password_1 }}"',
        'password = "<your-password-1>"',
        'password = f"{user}1!"',
        'url = f"{self.scheme}://{self.user}:{self.password}@{self.host}:{self.port}"',
        "f\"<input name=token value='{html.escape(token)}' />\"",
        'headers = {"Authorization", "X-API-KEY"}',
        "tokenEnd = t.pos.end;",
        "needsSecondPassForAll: !isCompleteFix\n",
        "special_tokens_set: AHashSet<String>,",
        'TOKEN = "[a-zA-Z_][a-zA-Z0-9_-]*"',
        'password: "<<CLIENT_SECRET_1>>"',
        '\\"client_secret:\\"),fe?Re.createElement(\\"code\\",null,\\" ***',
        "http://localhost:8080?mail=me@example.org",
        'password = "%(password1)s"',
        'password = "********"',
        'password = "xxxxxxxx"',
        'password = "changeme"',
        'password = "password"',
        'api_key = "YOUR_API_KEY_1"',
        'api_key = "your-api-key-123"',
        'label = "Password:"',
        '"password": "Enter your new password, 8 characters"',
        'fields = ("username", "password1", "password2")',
        'SECRET_PATH = "/run/secrets/db_1"',
        'token_url = "https://example.org/oauth2/token"',
        "postgres://user:password@localhost/db",
        "postgres://postgres:postgres@localhost/db",
        "postgres://user:${PASSWORD}@localhost/db",
        "postgres://{user}:{password}@{host}/db",
        "http://localhost:8080/a@b",
        "git@github.com:owner/repo.git",
        "Authorization: Bearer {token}",
        'headers = {"Authorization": f"Bearer {self.access_token_2}"}',
        '"Authorization: Bearer " + token',
        "sha256:" + of(HEX, 64, "digest"),
        f'"integrity": "sha512-{of(BASE64, 86, "integrity")}=="',
        f"commit {of(HEX, 40, 'commit')}",
        f'id = "{of(HEX, 8, "u")}-1234-4321-8765-{of(HEX, 12, "u")}"',
        "key = sorted(items, key=lambda item: item[0])",
        'cache_key = f"user2:{name}"',
        "pk_live_" + of(ALNUM, 24, "public"),
        "public_key = " + repr(of(HEX, 64, "public")),
        "task-1234567890123456789012345",
        "ask-me-anything-about-this-1234567",
        "AKIAGRAM is a word",
        "keyword_only_arguments_1 = 2",
        "compass: north2north",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert_stays(text)


def test_a_secret_on_a_line_of_other_characters_is_found() -> None:
    key = TOKENS["github personal"][1]
    for text in (f"# Schlüssel für Łódź 🔑 {key} ✓", f"\ud800 {key}", f"\0{key}\0", f"\ufeff{key}"):
        assert_gone(key, text)
    assert checked(f"🔑 {key}").found[0].start == 2


def test_the_placeholder_says_what_was_there() -> None:
    token = TOKENS["github personal"][1]
    text = checked(f'f("{token}")').text
    assert text == f'f("«secret:github{"*" * 25}»")'
    assert PLACEHOLDER.search(text) is not None
    assert checked('password = "hunter2!"').text == 'password = "«secret»"'
    assert checked('password = "hunter2"').text == 'password = "*******"'


def test_what_stands_around_a_secret_that_was_taken_out_stays() -> None:
    text = f'dsn = "https://{HEXADECIMAL}@o1.ingest.example.org/45055"'
    assert checked(text).text == text.replace(HEXADECIMAL, f"«secret:address{'*' * 24}»")


def test_secrets_side_by_side_are_told_apart() -> None:
    github, slack = TOKENS["github personal"][1], TOKENS["slack bot"][1]
    assert [secret.rule for secret in checked(f'f("{github}", "{slack}")').found] == ["github", "slack"]


def test_what_its_name_and_its_look_say_is_one_secret_with_the_rule_that_says_more() -> None:
    token = TOKENS["anthropic"][1]
    (secret,) = checked(f'api_key = "{token}"').found
    assert (secret.rule, secret.end - secret.start) == ("anthropic", len(token))


def test_a_secret_over_two_strings_or_in_another_encoding_is_not_known() -> None:
    """docs/FILES.md says so. If one of these fails, all the better: change both."""
    token = TOKENS["github personal"][1]
    for text in (
        f'f("{token[:20]}" +\n  "{token[20:]}")',
        basic("x", token),
        token.encode("utf-16-le").decode("latin-1"),
        "correct horse battery staple",
        'password = "swordfish"',
    ):
        assert_stays(text)


def test_the_page_names_every_rule() -> None:
    page = (Path(__file__).parents[2] / "docs/FILES.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([^`\n]+)`", page.split("## What is taken out of a text")[1]))
    assert named >= {rule for rule, *_ in (*rules.TOKENS, *rules.INNER)} | VAGUE | {"private-key", "wallet"}
