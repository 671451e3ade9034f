"""Which files a model is not shown, by their names."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from alma_agent.proposer.tools.secret_files import SecretFile, holds_secrets, refuse_secrets

SECRET = [
    *(".env", "app/.env", ".env.local", ".env.production", "prod.env", ".ENV", ".envrc"),
    *("server.pem", "tls/private.KEY", "store.p12", "store.jks", "vault.kdbx", "key.ppk"),
    *("id_rsa", "id_ed25519", "deploy/id_rsa.bak", ".netrc", "_netrc", ".pypirc", ".npmrc"),
    *(".git-credentials", "credentials", "credentials.json", "credentials.yml.bak"),
    *("secrets.yaml", "secrets.toml", "google_credentials.json", "client_secret_1.json"),
    *("service-account.json", ".aws/credentials", ".ssh/config", ".docker/config.json"),
    *("infra/main.tfstate", "prod.tfvars", ".pgpass", ".htpasswd"),
    *(".env~", ".env-prod", ".env_prod", ".env.local~", ".env.old", ".ENV.BAK", ".envrc.local"),
    *("prod.env.bak", "prod.env~", "prod.env.orig", ".envrc~", ".npmrc.bak", "server.pem.bak~"),
    *(".env.swp", ".server.key.swp", ".vault-token", ".vault_pass", ".my.cnf", ".mylogin.cnf"),
    *("kubeconfig", "kubeconfig.yaml", "prod.kubeconfig", "prod-kubeconfig", "etc/KUBECONFIG"),
    *(".AWS/config", ".Ssh/known_hosts", "home/.Docker/config.json", "secrets.yaml.bak"),
]
OPEN = [
    *(".env.example", ".env.sample", ".env.template", "app/.env.example", "example.env"),
    *("environment.py", "env.py", "environment.yml", "env.yml", "my.cnf", "a.bak", "~"),
    *(".envrc.example", ".env-example", ".env.local.sample", ".env.example~", ".environment"),
    *("kubeconfig.py", "test_kubeconfig.go", "docs/kubeconfig.md", "vault.py", "aws/config"),
    *("id_rsa.pub", "keys.py", "monkey.py", "pem.py"),
    *("credentials.py", "tests/credentials.md", "secrets.py", "src/secrets/vault.py"),
    *("src/credentials/__init__.py", "config.json", "package.json", "README.md", ".gitignore"),
]


@pytest.mark.parametrize("name", SECRET)
def test_a_file_that_holds_secrets(name: str) -> None:
    assert holds_secrets(PurePosixPath(name))


@pytest.mark.parametrize("name", OPEN)
def test_a_file_that_holds_none(name: str) -> None:
    assert not holds_secrets(PurePosixPath(name))


def test_the_refusal_names_the_file_and_says_what_to_do() -> None:
    with pytest.raises(SecretFile, match=r"^\.env: holds secrets.* Go on without it"):
        refuse_secrets(PurePosixPath(".env"))
