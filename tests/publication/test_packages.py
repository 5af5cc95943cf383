"""What `requirements.txt` says is what an installer takes, and what it only names."""

from dataclasses import replace
from pathlib import Path

from agents.context import Material
from papercoder.publication import publish
from papercoder.sandbox.requirements import parse_requirements


def test_optional_packages_are_named_and_not_installed(
    material: Material, code: dict[str, str], tmp_path: Path
) -> None:
    assert material.logic
    logic = material.logic.model_copy(update={"optional": ["torch>=2.1"]})
    publish(replace(material, logic=logic), code, tmp_path / "repository", "run-1")
    text = (tmp_path / "repository" / "requirements.txt").read_text()
    assert text == "numpy>=1.26\npyyaml\n# optional: torch>=2.1\n"
    assert parse_requirements(text) == ["numpy>=1.26", "pyyaml"]
    readme = (tmp_path / "repository" / "README.md").read_text()
    assert "- Optional, and not installed by `reproduce.sh`: torch>=2.1.\n- For the full run" in readme
