"""Secrets of each kind, made up when a test runs, so that nothing in this repository looks like one."""

from __future__ import annotations

import random
import string
from base64 import b64encode

ALNUM = string.ascii_letters + string.digits
UPPER = string.ascii_uppercase + string.digits
BASE32 = string.ascii_uppercase + "234567"
HEX = string.digits + "abcdef"
LOWER = string.ascii_lowercase + string.digits
URL = ALNUM + "-_"
BASE64 = ALNUM + "+/"


def of(alphabet: str, length: int, seed: str) -> str:
    """Characters that are the same for the same seed. The first is a letter, one in the middle a figure."""
    chosen = random.Random(seed)
    made = [chosen.choice(alphabet) for _ in range(length)]
    made[0] = chosen.choice([each for each in alphabet if each.isalpha()])
    made[-1] = chosen.choice([each for each in alphabet if each.isalnum()])
    made[length // 2] = chosen.choice([each for each in alphabet if each.isdigit()])
    return "".join(made)


_SHAPES: tuple[tuple[str, str, str, str, int], ...] = (
    # name, rule, prefix (joined from parts), alphabet, length of the rest
    ("1password", "1password", "ops_|eyJ", BASE64, 260),
    ("age", "age", "AGE-SECRET-|KEY-1", BASE32, 58),
    ("alibaba", "alibaba", "LT|AI", ALNUM, 20),
    ("anthropic", "anthropic", "sk-|ant-api03-", URL, 95),
    ("artifactory", "artifactory", "AK|Cp", ALNUM, 69),
    ("atlassian", "atlassian", "ATA|TT3", URL, 186),
    ("aws access key", "aws", "AK|IA", BASE32, 16),
    ("aws session key", "aws", "AS|IA", BASE32, 16),
    ("aws bedrock", "aws", "AB|SK", ALNUM, 128),
    ("databricks", "databricks", "da|pi", HEX, 32),
    ("digitalocean", "digitalocean", "dop|_v1_", HEX, 64),
    ("docker", "docker", "dckr|_pat_", URL, 27),
    ("doppler", "doppler", "dp.|pt.", ALNUM, 43),
    ("facebook", "facebook", "EA|AC", ALNUM, 120),
    ("fly", "fly", "fo|1_", URL, 43),
    ("github personal", "github", "gh|p_", ALNUM, 36),
    ("github server", "github", "gh|s_", ALNUM, 36),
    ("github fine-grained", "github", "github|_pat_", ALNUM + "_", 82),
    ("gitlab personal", "gitlab", "gl|pat-", URL, 20),
    ("gitlab runner", "gitlab", "gl|rt-", URL, 20),
    ("google api key", "google", "AI|za", URL, 35),
    ("google oauth secret", "google", "GOC|SPX-", URL, 28),
    ("google access token", "google", "ya|29.", URL, 120),
    ("grafana", "grafana", "gl|sa_", ALNUM, 41),
    ("groq", "groq", "gs|k_", ALNUM, 52),
    ("huggingface", "huggingface", "h|f_", string.ascii_letters + "7", 34),
    ("linear", "linear", "lin|_api_", ALNUM, 40),
    ("newrelic", "newrelic", "NR|AK-", UPPER, 27),
    ("notion", "notion", "nt|n_", ALNUM, 46),
    ("npm", "npm", "np|m_", ALNUM, 36),
    ("nvidia", "nvidia", "nv|api-", URL, 64),
    ("openai project", "openai", "sk-|proj-", URL, 120),
    ("openai", "openai", "sk|-", ALNUM, 48),
    ("openrouter", "openai", "sk-|or-v1-", HEX, 64),
    ("perplexity", "perplexity", "pp|lx-", ALNUM, 48),
    ("postman", "postman", f"PM|AK-{of(HEX, 24, 'postman')}-", HEX, 34),
    ("pulumi", "pulumi", "pu|l-", HEX, 40),
    ("pypi", "pypi", "py|pi-AgEIcHlwaS5vcmc", URL, 150),
    ("replicate", "replicate", "r|8_", ALNUM, 37),
    ("rubygems", "rubygems", "ruby|gems_", HEX, 48),
    ("sendgrid", "sendgrid", f"S|G.{of(URL, 22, 'sendgrid')}.", URL, 43),
    ("sendinblue", "sendinblue", f"xkey|sib-{of(HEX, 64, 'sib')}-", ALNUM, 16),
    ("sentry", "sentry", "sntr|yu_", HEX, 64),
    ("shopify", "shopify", "shp|at_", HEX, 32),
    ("slack bot", "slack", "xo|xb-1234567890123-1234567890123-", ALNUM, 24),
    ("slack app", "slack", "xa|pp-1-A0123456789-1234567890123-", LOWER, 64),
    ("slack webhook", "slack", "hooks.sl|ack.com/services/T01234567/B01234567/", ALNUM, 24),
    ("square", "square", "sq0|csp-", URL, 43),
    ("stripe live", "stripe", "sk_|live_", ALNUM, 24),
    ("stripe restricted", "stripe", "rk_|live_", ALNUM, 24),
    ("stripe webhook", "stripe", "wh|sec_", ALNUM, 32),
    ("supabase", "supabase", "sb|p_", HEX, 40),
    ("twilio", "twilio", "S|K", HEX, 32),
    ("vault", "vault", "hv|s.", URL, 90),
    ("xai", "xai", "xa|i-", ALNUM, 80),
    ("airtable", "airtable", f"pa|t{of(ALNUM, 14, 'airtable')}.", HEX, 64),
    ("discord bot", "discord", f"M|T{of(ALNUM, 22, 'discord')}.{of(URL, 6, 'discord')}.", URL, 38),
    ("discord webhook", "discord", "disc|ord.com/api/webhooks/123456789012345678/", URL, 68),
    ("telegram", "telegram", "1234567890:|AA", URL, 33),
    ("terraform", "terraform", f"{of(ALNUM, 14, 'tf')}.atl|asv1.", URL, 67),
)


def tokens() -> dict[str, tuple[str, str]]:
    """By name of the kind: the rule that knows it, and a token that it knows wherever it stands."""
    made = {
        name: (rule, prefix.replace("|", "") + of(alphabet, length, name))
        for name, rule, prefix, alphabet, length in _SHAPES
    }
    made["azure client secret"] = ("azure", f"{of(ALNUM, 3, 'a')}8" + "Q~" + of(ALNUM, 34, "azure"))
    made["mailchimp"] = ("mailchimp", of(HEX, 32, "mailchimp") + "-us" + "12")
    made["jwt"] = (
        "jwt",
        ".".join(("ey" + "J" + of(URL, 34, "h"), "ey" + "J" + of(URL, 90, "b"), of(URL, 43, "s"))),
    )
    return made


PEM_KINDS = (
    "PRIVATE KEY",
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "DSA PRIVATE KEY",
    "OPENSSH PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
    "PGP PRIVATE KEY BLOCK",
    "SSH2 ENCRYPTED PRIVATE KEY",
)


def pem_lines(seed: str) -> list[str]:
    """The lines of base64 in a private key; the last one is short."""
    return [of(BASE64, 64, f"{seed}{number}") for number in range(12)] + [of(BASE64, 11, seed) + "="]


def pem(kind: str) -> str:
    """A private key as a tool writes it."""
    dashes = "----" if kind.startswith("SSH2") else "-----"
    space = " " if kind.startswith("SSH2") else ""
    headers = {
        "RSA PRIVATE KEY": "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0123456789ABCDEF\n\n",
        "PGP PRIVATE KEY BLOCK": "Version: GnuPG v2\n\n",
        "SSH2 ENCRYPTED PRIVATE KEY": 'Comment: "a key"\n',
    }.get(kind, "")
    body = "\n".join(pem_lines(kind))
    check = "\n=aB3d" if kind.startswith("PGP") else ""
    return (
        f"{dashes}{space}BEGIN {kind}{space}{dashes}\n{headers}{body}{check}\n"
        f"{dashes}{space}END {kind}{space}{dashes}\n"
    )


def putty() -> str:
    lines = pem_lines("putty")
    return (
        "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: me\nPublic-Lines: 1\n"
        f"{of(BASE64, 64, 'public')}\nPrivate-Lines: {len(lines)}\n" + "\n".join(lines) + "\n"
        f"Private-MAC: {of(HEX, 64, 'mac')}\n"
    )


def basic(user: str, password: str) -> str:
    return b64encode(f"{user}:{password}".encode()).decode()
