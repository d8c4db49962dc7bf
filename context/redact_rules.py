"""How tokens look: a table of kinds, the characters that they begin with, and what comes after these.

A kind belongs here if its look alone gives it away, whatever is written around it. Keys that may be public,
such as `pk_live_…`, do not. All is in bytes, one a character, so that every text is searched equally fast.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

TOKENS: tuple[tuple[str, str, str], ...] = (
    ("1password", "A3-", r"[A-Z0-9]{6}(?:-[A-Z0-9]{5,11}){4,5}(?!\w)"),
    ("1password", "ops_eyJ", r"[\w+/=-]{100,}"),
    ("adobe", "p8e-", r"[\w-]{32,}"),
    ("age", "AGE-SECRET-KEY-1", r"[0-9A-Za-z]{40,}"),
    ("age", "AGE-PLUGIN-", r"[A-Z0-9+._-]{1,40}-1[0-9A-Z]{40,}"),
    ("alibaba", "LTAI", r"[A-Za-z0-9]{12,26}(?!\w)"),
    ("anthropic", "sk-ant-", r"[\w-]{20,}"),
    ("artifactory", "AKCp cmVmd", r"[A-Za-z0-9]{50,}"),
    ("atlassian", "ATATT3 ATCTT3 ATBB ATOA", r"[\w=-]{24,}"),
    ("aws", "AKIA ASIA ABIA ACCA AGPA AROA", r"[A-Z0-9]{16}(?!\w)"),
    ("aws", "ABSK", r"[A-Za-z0-9+/]{100,}={0,2}"),
    ("aws", "bedrock-api-key-", r"[A-Za-z0-9+/=]{40,}"),
    ("cloudflare", "v1.0-", r"[0-9a-f]{24}-[0-9a-f]{100,}"),
    ("contentful", "CFPAT-", r"[\w-]{40,}"),
    ("crates-io", "cio", r"[A-Za-z0-9]{32}(?!\w)"),
    ("databricks", "dapi dose", r"[0-9a-f]{32}(?:-\d)?(?!\w)"),
    ("digitalocean", "dop_v1_ doo_v1_ dor_v1_", r"[0-9a-f]{64}"),
    ("docker", "dckr_pat_ dckr_oat_", r"[\w-]{24,}"),
    ("doppler", "dp.pt. dp.ct. dp.st. dp.sa. dp.scim. dp.audit.", r"(?:[\w-]{2,35}\.)?[A-Za-z0-9]{40,}"),
    ("dropbox", "sl.", r"(?:u\.)?[\w-]{100,}"),
    ("duffel", "duffel_live_ duffel_test_", r"[\w=-]{40,}"),
    ("dynatrace", "dt0c01. dt0s01. dt0s02.", r"[A-Z0-9]{24}\.[A-Z0-9]{60,}"),
    ("easypost", "EZAK EZTK", r"[A-Za-z0-9]{50,}"),
    ("facebook", "EAAC EAAD EAAG EAAJ EAAM EAAN EAAB EAAE EAAF", r"[A-Za-z0-9]{60,}"),
    ("fly", "fo1_ fm1r_ fm1a_ fm2_", r"[\w+/=,-]{40,}"),
    ("github", "ghp_ gho_ ghu_ ghs_ ghr_", r"[\w.-]{36,}"),
    ("github", "github_pat_", r"\w{40,}"),
    ("gitlab", "glpat- gldt- glrt- glrtr- glcbt- glptt- glft- glimt- glagent-", r"[\w.-]{20,}"),
    ("gitlab", "gloas- glsoat- glffct-", r"[\w.-]{20,}"),
    ("gitlab", "GR1348941", r"[\w-]{20,}"),
    ("google", "AIza", r"[\w-]{35}"),
    ("google", "GOCSPX-", r"[\w-]{24,}"),
    ("google", "ya29.", r"[\w-]{20,}(?:\.[\w-]+)*"),
    ("google", "1//0", r"[\w-]{40,}"),
    ("google", "AQ.Ab", r"[\w-]{35,}"),
    ("grafana", "glc_ glsa_", r"[\w+/=-]{32,}"),
    ("grafana", "eyJrIjoi", r"[A-Za-z0-9+/=]{60,}"),
    ("groq", "gsk_", r"[A-Za-z0-9]{40,}"),
    ("heroku", "HRKU-", r"[\w-]{36,}"),
    ("huggingface", "hf_ api_org_", r"[A-Za-z0-9]{30,}(?!\w)"),
    ("jwt", "eyJ", r"[\w-]{10,500}+={0,2}\.[\w-]{10,20000}+={0,2}(?:\.[\w-]*+){1,3}"),
    ("langsmith", "lsv2_pt_ lsv2_sk_", r"[0-9a-f]{32}_[0-9a-f]{10}"),
    ("linear", "lin_api_ lin_oauth_", r"[A-Za-z0-9]{32,}"),
    ("mailgun", "key-", r"[0-9a-f]{32}(?!\w)"),
    ("mapbox", "sk.eyJ", r"[\w-]{20,300}+\.[\w-]{20,}"),
    ("newrelic", "NRAK- NRII- NRRA- NRSP-", r"[A-Za-z0-9-]{24,}"),
    ("notion", "ntn_ secret_", r"[A-Za-z0-9]{40,}(?!\w)"),
    ("npm", "npm_", r"[A-Za-z0-9]{36,}"),
    ("nuget", "oy2", r"[a-z0-9]{43}(?!\w)"),
    ("nvidia", "nvapi-", r"[\w-]{40,}"),
    ("openai", "sk-proj- sk-svcacct- sk-admin- sk-None- sk-or-v1- sk-lf-", r"[\w-]{20,}"),
    ("openai", "sk-", r"[A-Za-z0-9]{20,}(?:T3BlbkFJ[A-Za-z0-9]+)?(?![\w-])"),
    ("openshift", "sha256~", r"[\w-]{40,}"),
    ("perplexity", "pplx-", r"[A-Za-z0-9]{40,}"),
    ("pinecone", "pcsk_", r"\w{40,}"),
    ("plaid", "access-sandbox- access-production- access-development-", r"[0-9a-f]{8}-[0-9a-f-]{27}"),
    ("planetscale", "pscale_tkn_ pscale_pw_ pscale_oauth_", r"[\w=.-]{32,}"),
    ("postman", "PMAK-", r"[0-9a-f]{24}-[0-9a-f]{34}"),
    ("prefect", "pnu_ pnb_", r"[A-Za-z0-9]{36}(?!\w)"),
    ("pulumi", "pul-", r"[0-9a-f]{40}(?!\w)"),
    ("pypi", "pypi-AgE", r"[\w-]{40,}"),
    ("readme", "rdme_", r"[a-z0-9]{60,}"),
    ("replicate", "r8_", r"[A-Za-z0-9]{32,}"),
    ("rubygems", "rubygems_", r"[0-9a-f]{48}"),
    ("sendgrid", "SG.", r"[\w-]{16,32}\.[\w-]{16,64}"),
    ("sendinblue", "xkeysib- xsmtpsib-", r"[0-9a-f]{64}-[A-Za-z0-9]{16}"),
    ("sentry", "sntrys_ sntryu_", r"[\w+/=-]{40,}"),
    ("shippo", "shippo_live_ shippo_test_", r"[0-9a-f]{40}"),
    ("shopify", "shpat_ shpca_ shppa_ shpss_ shptka_", r"[0-9a-fA-F]{32}"),
    ("slack", "xoxa- xoxb- xoxe- xoxo- xoxp- xoxr- xoxs- xoxc- xoxd- xoxe.xox", r"[\w.%-]{10,}"),
    ("slack", "xapp-", r"\d-[A-Z0-9]+-\d+-[a-z0-9]+"),
    ("slack", "hooks.slack.com/", r"(?:services|workflows|triggers)/[\w/-]{20,}"),
    ("sourcegraph", "sgp_", r"(?:[0-9a-f]{16}_|local_)?[0-9a-f]{40}"),
    ("square", "sq0atp- sq0csp- sq0idp-", r"[\w-]{22,}"),
    ("square", "EAAA", r"[\w-]{60}"),
    ("stripe", "sk_live_ sk_test_ sk_prod_ rk_live_ rk_test_ rk_prod_", r"[A-Za-z0-9]{10,}"),
    ("stripe", "whsec_", r"[A-Za-z0-9+/=]{24,}"),
    ("supabase", "sbp_ sb_secret_", r"[\w-]{30,}"),
    ("tavily", "tvly-", r"[\w-]{24,}"),
    ("tencent", "AKID", r"[A-Za-z0-9]{32}(?!\w)"),
    ("twilio", "SK AC", r"[0-9a-f]{32}(?!\w)"),
    ("typeform", "tfp_", r"[\w.=-]{40,}"),
    ("vault", "hvs. hvb. hvr.", r"[\w-]{20,}"),
    ("xai", "xai-", r"[A-Za-z0-9]{60,}"),
    ("yandex", "AQVN y0_ t1.9eu", r"[\w=-]{35,}(?:\.[\w-]+)?"),
    ("discord", "discord.com/api/ discordapp.com/api/", r"(?:v\d+/)?webhooks/\d+/[\w-]{40,}"),
)
"""Kind, what it begins with (any of these), and the pattern of the rest."""

INNER: tuple[tuple[str, str, str], ...] = (
    ("airtable", r"^pat[A-Za-z0-9]{14}", r"\.[0-9a-f]{64}"),
    ("azure", r"[\w.~]{3}\d", r"Q~[\w.~-]{30,36}"),
    ("azure", r"[A-Za-z0-9]{70,80}", r"AZDO[A-Za-z0-9]{4}"),
    ("azure", r"[A-Za-z0-9]{40,60}", r"JQQJ99[A-Za-z0-9+/]{10,40}={0,2}"),
    ("discord", r"[MNO][\w-]{22,27}", r"\.[\w-]{6}\.[\w-]{27,40}"),
    ("mailchimp", r"^[0-9a-f]{32}", r"-us\d{1,2}\b"),
    ("telegram", r"^\d{8,10}", r":AA[\w-]{32,34}\b"),
    ("terraform", r"^[A-Za-z0-9]{14}", r"\.atlasv1\.[\w-]{60,70}"),
)
"""Kinds that are known by something in their middle: what is before it, and it with all that follows."""


@dataclass(frozen=True, slots=True)
class _Token:
    rule: str
    prefix: bytes
    body: re.Pattern[bytes]


def known(plain: bytes) -> Iterator[tuple[str, tuple[int, int]]]:
    """Tokens that are known by their look: the kind, and where one is."""
    for begin in _BEGINS:
        end = 0
        for match in begin.finditer(plain):
            # A run of beginnings is one token, which is read once.
            if match.start(1) >= end and (found := _token_at(plain, match)):
                yield found
                end = found[1][1]
    for rule, before, rest in _INNER:
        for match in rest.finditer(plain):
            first = before.search(plain[max(0, match.start() - FARTHEST) : match.start()])
            if first is not None:
                yield rule, (match.start() - len(first[0]), match.end())


def _token_at(plain: bytes, begin: re.Match[bytes]) -> tuple[str, tuple[int, int]] | None:
    start = begin.start(1)
    for token in _BY_BEGIN[begin[1]]:
        if plain.startswith(token.prefix, start):
            body = token.body.match(plain, start + len(token.prefix))
            if body is not None:
                return token.rule, (start, body.end())
    return None


def _any_of(words: Iterable[bytes]) -> bytes:
    """A pattern for any of some words that looks at each character once. The shortest word wins."""
    by_first: dict[bytes, list[bytes]] = {}
    for word in words:
        by_first.setdefault(word[:1], []).append(word[1:])
    if b"" in by_first:
        return b""
    branches = [re.escape(first) + _any_of(rest) for first, rest in by_first.items()]
    return branches[0] if len(branches) == 1 else b"(?:" + b"|".join(branches) + b")"


FARTHEST = 90
"""Characters before the middle of a token in which it begins."""

_TOKENS = sorted(
    (
        _Token(rule, prefix.encode(), re.compile(body.encode()))
        for rule, prefixes, body in TOKENS
        for prefix in prefixes.split()
    ),
    key=lambda token: -len(token.prefix),
)
_SHORTEST = [
    token.prefix
    for token in _TOKENS
    if not any(token.prefix != other.prefix and token.prefix.startswith(other.prefix) for other in _TOKENS)
]
_BY_BEGIN = {begin: [token for token in _TOKENS if token.prefix.startswith(begin)] for begin in _SHORTEST}
_START = r"(?:(?<![A-Za-z0-9])|(?<=\\[nrtbf])|(?<=%[0-9A-F]{2}))"
"""In `\\nghp_…` and `%3Dghp_…` there is a letter before the token."""

_INNER = tuple(
    (rule, re.compile(f"{before.replace('^', _START)}\\Z".encode()), re.compile(rest.encode()))
    for rule, before, rest in INNER
)

_BEGIN = _any_of(token.prefix for token in _TOKENS)
_BEGINS = (
    # To look at the first character before all else saves a fifth of the time.
    re.compile(rb"\b(?=[" + bytes({token.prefix[0] for token in _TOKENS}) + rb"])(" + _BEGIN + rb")"),
    # In `\\nghp_…` and `%3Dghp_…` the token has a letter before it.
    re.compile(rb"\\[nrtbf](" + _BEGIN + rb")"),
    re.compile(rb"%[0-9A-F]{2}(" + _BEGIN + rb")"),
)
