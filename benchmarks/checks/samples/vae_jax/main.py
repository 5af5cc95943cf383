import sys

import matplotlib.pyplot as plt
from omegaconf import OmegaConf

from vae.train import train


def main(path: str = "config.yaml") -> None:
    cfg = OmegaConf.load(path)
    losses = train(cfg)
    plt.plot(losses)
    plt.savefig("losses.png")
    print(f"{losses[-1]:.2f} after {cfg.train.steps} steps")


if __name__ == "__main__":
    main(*sys.argv[1:])
