import argparse
import json
from dataclasses import asdict

from gnn.experiment import run_all
from gnn.settings import Settings


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", default="config.yaml")
    parser.add_argument("--preset", default="full")
    parser.add_argument("--smoke", dest="preset", action="store_const", const="smoke")
    parser.add_argument("--output", default="results.json")
    given = parser.parse_args()
    settings = Settings.load(given.config, given.preset)
    results = run_all(settings)
    with open(given.output, "w") as file:
        json.dump({"settings": asdict(settings), **results}, file, indent=1)


if __name__ == "__main__":
    main()
