import argparse

import matplotlib.pyplot as plt
from omegaconf import OmegaConf

from vae.train import train


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", default="config.yaml")
    parser.add_argument("--output", default="losses.png")
    parser.add_argument("--preset", default="full")
    parser.add_argument("--smoke", dest="preset", action="store_const", const="smoke")
    given = parser.parse_args()
    cfg = OmegaConf.load(given.config)
    cfg = OmegaConf.merge(cfg, cfg.presets[given.preset])
    losses = train(cfg)
    plt.plot(losses)
    plt.savefig(given.output)
    print(f"{losses[-1]:.2f} after {cfg.train.steps} steps")


if __name__ == "__main__":
    main()
