import json
from dataclasses import asdict

from gnn.experiment import run_all
from gnn.settings import Settings


def main() -> None:
    settings = Settings.load("config.yaml")
    results = run_all(settings)
    with open("results.json", "w") as file:
        json.dump({"settings": asdict(settings), **results}, file, indent=1)


if __name__ == "__main__":
    main()
