"""Which files are never read: not completed, not shown to a model, not put beside another file in a prompt.

A path alone decides, without a look at the disk, so that a link is judged by its own name; who follows one
asks again for where it leads. The tables below are the whole of it. Upper and lower case are the same in all
of them, `*` stands for any characters, and `.bak`, `~` and other marks of a copy are taken off a name first.

A word such as "secret" says little: `secrets.py` is a module, `secrets.yaml` is what it reads. So names that
are only words count for data files alone. Where a file is hidden without need its user misses a completion;
the other mistake cannot be taken back.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import translate
from pathlib import Path

KEYS = """
    *.pem *.key *.p8 *.pk8 *.p12 *.pkcs12 *.pfx *.pvk *.ppk *.snk *.private *.mobileprovision *.ovpn
    *.jks *.jceks *.bks *.keystore *.keytab *.keychain *.keychain-db *.kdb *.kdbx *.psafe3 *.1pif
    *.asc *.gpg *.pgp *.age wallet.dat *.wallet
    id_rsa* id_dsa* id_ecdsa* id_ed25519* *_rsa *_dsa *_ecdsa *_ed25519 ssh_host_*_key
"""
"""Private keys, key stores, password safes. `*.pub` is none, whatever else its name says."""

CONFIGURATION = """
    .env* *.env _netrc .netrc .npmrc .yarnrc* .pypirc pip.conf pip.ini nuget.config gradle.properties
    .git-credentials .gitcookies .htpasswd htpasswd .htdigest .pgpass pgpass.conf .my.cnf .mylogin.cnf
    .dockercfg .dockerconfigjson .s3cfg .boto rclone.conf .databrickscfg .msmtprc .fetchmailrc
    *.tfvars *.tfvars.json *.tfstate *.tfstate.* .terraformrc terraform.rc
    .vault-token .vault-pass* .vault_pass* settings-security.xml adc.json
    wp-config.php local.settings.json appsettings.*.json application-*.properties
    sftp-config.json .ftpconfig sitemanager.xml *.publishsettings cookies.txt logins.json
    client_secret*.json *firebase-adminsdk*.json
    *service-account*.json *service_account*.json *serviceaccount*.json
"""
"""Settings in which passwords and tokens stand, of tools and of programs that are run from a repository."""

DATA = """
    *.sqlite* *.db *.db3 *.dump *.sql.gz *.har *.pcap *.pcapng *.core core.[0-9]* *.dmp *.hprof
    .*_history .*_history-* .lesshst .viminfo consolehost_history.txt
"""
"""What people said and did: databases, records of network traffic and of memory, histories of shells."""

FOLDERS = """
    .ssh .gnupg .aws .azure .kube .oci .secrets .envs .password-store
    *.agilekeychain *.opvault .git .hg .svn
"""
"""Nothing that lies in one of these is read, however deep. Version control keeps whatever was deleted."""

PLACES = """
    .docker/config.json containers/auth.json composer/auth.json .composer/auth.json .codex/auth.json
    gh/hosts.yml glab-cli/config.yml .config/hub doctl/config.yaml hcloud/cli.toml .fly/config.yml
    .m2/settings.xml .bundle/config .cargo/credentials* .snowsql/config huggingface/token .huggingface/token
    initializers/secret_token.rb etc/shadow etc/shadow- etc/gshadow etc/gshadow- run/secrets/*
    self/environ [0-9]*/environ
"""
"""Names that say enough only together with the folder in which the file lies."""

WORDS = "secret secrets credential credentials cred creds kubeconfig"
"""The first or the last word of the name of a data file."""

LAST_WORDS = """
    password passwords passwd vault apikey apikeys privatekey privatekeys secretkey secretkeys
    accesskey accesskeys rootkey
"""
"""The last word, or the last two without what stands between them. `password_reset.txt` is a letter."""

WORD_FOLDERS = "secret secrets credentials"
"""Data files that lie directly in one of these."""

ENDINGS = """
    cfg cnf conf config csv dat enc env ini json json5 jsonc plist properties props sops toml tsv txt
    xml yaml yml
"""
"""Endings of data files; a name without any ending is one too."""

EXAMPLES = "example sample template dist tmpl tpl"
"""Configuration with one of these as its last word, or one of the first three as its first, is harmless."""

WRITTEN = """
    commit_editmsg merge_msg tag_editmsg notes_editmsg pullreq_editmsg edit_description git-rebase-todo
"""
"""What people write themselves in a folder of version control."""


def is_secret_path(path: Path) -> bool:
    """Whether a file with this path must not be read. Paths of Windows are understood everywhere."""
    *folders, name = str(path).replace("\\", "/").casefold().split("/")
    name = _COPY.sub("", name)
    if name.endswith(".pub") or name in _WRITTEN:
        return False
    if any(map(_is_folder, [*folders, name])):
        return True
    folder = folders[-1] if folders else ""
    # An editor puts a dot or a # before the name of a copy.
    return any(_is_secret_name(folder, each) for each in (name, name.lstrip(".#")))


def _is_secret_name(folder: str, name: str) -> bool:
    if _is_key(name) or _is_data(name) or _is_place(f"{folder}/{name}"):
        return True
    return not _EXAMPLE.fullmatch(name) and (_is_configuration(name) or _says_so(folder, name))


def _says_so(folder: str, name: str) -> bool:
    """Whether this is a data file that is called secret, or lies in a folder that is."""
    words = re.split(r"[._ -]+", name.strip("._ -"))
    has_ending = "." in name.lstrip(".")
    while len(words) > 1 and words[-1] in _ENDINGS:
        words, has_ending = words[:-1], False
    if words[-1] in _WORDS or words[-1] in _LAST_WORDS or "".join(words[-2:]) in _LAST_WORDS:
        return True
    return not has_ending and (words[0] in _WORDS or folder in _WORD_FOLDERS)


def _matcher(patterns: str) -> Callable[[str], bool]:
    match = re.compile("|".join(translate(pattern) for pattern in patterns.split())).match
    return lambda name: match(name) is not None


_is_key, _is_configuration, _is_data = _matcher(KEYS), _matcher(CONFIGURATION), _matcher(DATA)
_is_folder, _is_place = _matcher(FOLDERS), _matcher(PLACES)
_WORDS, _LAST_WORDS, _WORD_FOLDERS = set(WORDS.split()), set(LAST_WORDS.split()), set(WORD_FOLDERS.split())
_ENDINGS, _WRITTEN = set(ENDINGS.split()), set(WRITTEN.split())

_COPY = re.compile(r"(?:[~#. ]|\.(?:bak|backup|old|orig|save|sw[a-p]|tmp|copy))+\Z")
"""What editors and people put behind the name of a copy, and the dots and blanks that Windows ignores."""

_EXAMPLE = re.compile(
    rf"(?:.*[._-])?(?:{'|'.join(EXAMPLES.split())})s?(?:\.(?:{'|'.join(ENDINGS.split())}))?"
    rf"|(?:{'|'.join(EXAMPLES.split()[:3])})[._-].*"
)
