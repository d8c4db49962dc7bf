"""Which paths are never read."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from context.secrets import is_secret_path


def list_of(paths: str) -> list[str]:
    """The paths in a text; one with a blank stands in quotes."""
    return shlex.split(paths, comments=False)


SECRET = list_of("""
.env .env.local .env.production .env.example.local .envrc .env~ .env.bak .env.swp production.env
id_rsa id_rsa.old id_rsa~ id_dsa id_ecdsa id_ed25519 id_ed25519_work deploy_rsa ssh_host_rsa_key
server.pem server.key server.key.bak server.p12 server.pfx AuthKey_AB12.p8 release.jks debug.keystore
krb5.keytab passwords.kdbx putty.ppk signing.snk home.ovpn backup.gpg message.asc identity.age
app.mobileprovision login.keychain-db wallet.dat
.npmrc .yarnrc .yarnrc.yml .pypirc .netrc _netrc pip.conf nuget.config gradle.properties
.git-credentials .htpasswd .pgpass .my.cnf .dockercfg .dockerconfigjson .s3cfg .boto rclone.conf
.vault-token .vault_pass.txt group_vars/all/vault.yml prod_vault.yml .terraformrc
terraform.tfvars prod.auto.tfvars prod.tfvars.json terraform.tfstate terraform.tfstate.backup
terraform.tfstate.1700000000.backup
wp-config.php local.settings.json appsettings.Development.json application-prod.properties
client_secret_12.apps.googleusercontent.com.json shop-firebase-adminsdk-x1.json
service-account.json my_service_account_key.json prod-serviceaccount.json
secrets.yml secrets.yaml secrets.json secrets.toml .secrets.toml secrets.prod.yaml db-secrets.yml secret.txt
app.secret app.secrets.json secrets.yml.enc config/credentials.yml.enc
credentials credentials.json credentials-prod.json credentials_old_eu.json aws_credentials.csv
application_default_credentials.json oauth_creds.json kubeconfig kubeconfig-prod.yaml prod.kubeconfig
password.txt db_password.txt passwords.csv api_key.txt apikeys.json private-key.xml
accessKeys.csv rootkey.csv django_secret_key.txt cookies.txt gcloud/legacy_credentials/me/adc.json
secrets/db.yaml secrets/token k8s/secrets/prod.json config/credentials/production.yml.enc
.ssh/config .ssh/known_hosts .ssh/keys/work .gnupg/secring.gpg .aws/credentials .aws/config .kube/config
.azure/accessTokens.json .config/gcloud/credentials.db .oci/config .secrets/a .envs/.production/.django
.password-store/mail.gpg My.agilekeychain/data/default/1.1password
.docker/config.json .config/containers/auth.json .config/gh/hosts.yml .m2/settings.xml .cargo/credentials.toml
.cache/huggingface/token .gem/credentials .composer/auth.json config/initializers/secret_token.rb
/etc/shadow /etc/shadow- /run/secrets/db /proc/self/environ /proc/123/environ
.git/config .git/logs/HEAD .git/objects/ab/cd .hg/store/data .svn/wc.db
app.sqlite app.sqlite3 app.sqlite3-wal app.db site.har trace.pcap core.4711 heap.hprof dump.sql.gz
.bash_history .zsh_history .python_history .psql_history .viminfo
.id_rsa.swp .#server.key #secrets.yml# .netrc.orig "secrets copy.json"
""")

HARMLESS = list_of("""
.env.example .env.sample .env.template .env.dist .env.local.example .env-example example.env sample.env
.envrc.example env.py env.d.ts environment.yml vite-env.d.ts
id_rsa.pub .ssh/id_ed25519.pub deploy_rsa.pub
secrets.py secrets.rs Secret.java credentials.go credentials.ts my_credentials_test.py secrets.test.ts
context/secrets.py lsp_server/secrets/reader.py secrets/README.md password.py passwords.md api_key.rb
secrets.example.yml secrets.yml.example credentials.sample.json terraform.tfvars.example example-secrets.yaml
password_reset.txt password_reset_email.html secretary.json secretariat.txt passwordless.toml
monkey.py keyboard.json donkey.txt turkey.csv key.py keys.py public_key.txt
service-account.yaml serviceaccount.go kubeconfig.go kubeconfig_test.go
appsettings.json application.properties application.yml settings.xml config.json hosts.yml auth.json
settings.json .dockerignore Dockerfile .docker/Dockerfile docker/config.json config/token.json
.gitignore .gitattributes .gitmodules .github/workflows/ci.yml .git/COMMIT_EDITMSG
.git/rebase-merge/git-rebase-todo
core.py core.ts main.tf variables.tf schema.sql database.py model.onnx history.md core/db.py
ssh.py .sshconfig.md gnupg.c aws/config.py kube/config.go etc/shadow_dom.ts shadow.css
environ.py src/environ certificate.crt ca.cer pom.xml package.json tokens.json Makefile README
.env/lib/python3.11/site.py .venv/bin/activate COMMIT_EDITMSG app.secrets.ts gcloud/main.py vault.hcl vault.go
""")


@pytest.mark.parametrize("path", SECRET)
@pytest.mark.parametrize("folder", ["", "/home/me/project/", "a b/"])
def test_a_secret_file_is_not_read_wherever_it_lies(path: str, folder: str) -> None:
    assert is_secret_path(Path(folder + path) if not path.startswith("/") else Path(path))


@pytest.mark.parametrize("path", HARMLESS)
@pytest.mark.parametrize("folder", ["", "/home/me/project/"])
def test_what_only_looks_like_one_is_read(path: str, folder: str) -> None:
    assert not is_secret_path(Path(folder + path))


@pytest.mark.parametrize("path", SECRET)
def test_upper_and_lower_case_are_the_same(path: str) -> None:
    assert is_secret_path(Path(path.upper()))
    assert is_secret_path(Path(path.title()))


@pytest.mark.parametrize("path", ["", ".", "/", "..", "...", "-", "_", " ", "a/.", "~", "\ud800.txt"])
def test_what_is_hardly_a_name_is_no_secret(path: str) -> None:
    assert not is_secret_path(Path(path))


@pytest.mark.parametrize("path", [r"C:\Users\me\.ssh\config", r"src\.env", ".env.", ".env ", "ID_RSA. ."])
def test_paths_are_understood_as_windows_does(path: str) -> None:
    assert is_secret_path(Path(path))


def test_a_link_is_judged_by_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "plain.txt").write_text("x")
    (tmp_path / ".env").symlink_to(tmp_path / "plain.txt")
    (tmp_path / "plain-too.txt").symlink_to(tmp_path / ".env")
    assert is_secret_path(tmp_path / ".env")
    assert not is_secret_path(tmp_path / "plain-too.txt")
    assert is_secret_path(tmp_path / "nowhere" / "id_rsa")


def test_a_folder_of_secrets_is_one_itself_so_that_nobody_walks_into_it() -> None:
    assert is_secret_path(Path("/home/me/.ssh"))
    assert is_secret_path(Path("/home/me/project/.git"))
