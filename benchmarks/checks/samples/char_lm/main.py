"""Train a character model and write what came of it."""

import argparse
import json

import yaml

from lm.data import Corpus, load_text
from lm.train import train


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", default="config.yaml")
    parser.add_argument("--output", default="results.json")
    parser.add_argument("--preset", choices=["smoke", "small", "full"], default="full")
    parser.add_argument("--smoke", dest="preset", action="store_const", const="smoke")
    arguments = parser.parse_args(argv)
    with open(arguments.config, encoding="utf-8") as file:
        config = yaml.safe_load(file)
    for group, changes in config.pop("presets")[arguments.preset].items():
        config[group] = {**config[group], **changes}
    corpus = Corpus(load_text(config["data"]["path"]), config["data"]["context"])
    loss = train(corpus, config["model"], config["training"])
    with open(arguments.output, "w", encoding="utf-8") as file:
        json.dump({"loss": {"mean": loss, "std": 0.0, "runs": [loss]}}, file)


if __name__ == "__main__":
    main()
