"""Keys of config.yaml are followed through the code, and nothing is said where they cannot be."""

import pytest

from papercoder.checks import Design, check_file, check_repository
from state.architecture import Architecture, FileContract
from state.configuration import Configuration, ConfigValue

DESIGN = Design(
    architecture=Architecture(
        approach="", files=[FileContract(path="main.py", purpose="")], entry_point="main.py", open_choices=[]
    ),
    configuration=Configuration(
        values=[
            ConfigValue(key="model.width", value=64, source=[]),
            ConfigValue(key="training.schedule.warmup", value=4000, source=[]),
            ConfigValue(key="training.rates", value={"digits": 0.1}, source=[]),
            ConfigValue(key="seeds", value=[0, 1], source=[]),
        ],
        open_choices=[],
    ),
)
LOADED = "import yaml\nconfig = yaml.safe_load(open('config.yaml'))\n"


def undefined(code: str) -> list[str]:
    found = check_file("main.py", code, DESIGN, {}, types=False)
    return [finding.location for finding in found if finding.rule == "undefined-setting"]


@pytest.mark.parametrize(
    "code",
    [
        LOADED + "config['model']['widht']\n",
        LOADED + "m = config['model']\nm['widht']\n",
        LOADED + "config.get('model', {}).get('widht', 3)\n",
        LOADED + "m, t = config['model'], config['training']\nprint(t['schedule'], m['widht'])\n",
        LOADED + "if (m := config['model']):\n    m['widht']\n",
        "from types import SimpleNamespace\n" + LOADED + "c = SimpleNamespace(**config['model'])\nc.widht\n",
        "def build(config):\n    return config['widht']\n",
        "def build(cfg: dict):\n    def inner():\n        return cfg['model']['widht']\n    return inner\n",
        "class A:\n    def __init__(self, config):\n        self.config = config\n"
        "    def f(self):\n        return self.config.model.widht\n",
        "from omegaconf import OmegaConf\ncfg = OmegaConf.load('config.yaml')\ncfg.model.widht\n",
        "def main(path):\n    config = load_config(path)\n    return config['model']['widht']\n",
    ],
)
def test_a_key_that_is_not_there_is_found_however_it_is_read(code: str) -> None:
    assert undefined(code) == ["widht"]
    assert undefined(code.replace("widht", "width")) == []


@pytest.mark.parametrize(
    "code",
    [
        LOADED + "config['training']['rates']['digits']\n",
        LOADED + "for name in config['training']['rates']:\n    config['training']['rates'][name]\n",
        LOADED + "if 'extra' in config:\n    config['extra']\n",
        LOADED + "config['extra'] = 1\nconfig['extra']\n",
        LOADED + "try:\n    config['extra']\nexcept KeyError:\n    print()\n",
        LOADED + "config['model'].items()\n",
        LOADED + "config = transform(config)\nconfig['whatever']\n",
        "def f(config: ModelConfig):\n    return config.whatever\n",
        "def f(settings):\n    return settings['whatever']\n",
        "def f(config):\n    for config in configs():\n        config['whatever']\n",
        "class A:\n    def __init__(self, model):\n        self.config = model.config\n"
        "    def f(self):\n        return self.config.n_embd\n",
        "class Config:\n    depth: int\n\ndef f(config):\n    return config.depth\n",
        "config['whatever']\n",
    ],
)
def test_nothing_is_said_where_it_is_not_certain(code: str) -> None:
    assert undefined(code) == []


def unused(code: str) -> list[str]:
    found = check_repository({"main.py": code}, DESIGN, types=False)
    return [finding.location for finding in found if finding.rule == "unused-setting"]


def test_keys_that_nobody_reads_are_named() -> None:
    assert unused(LOADED + "config['model']['width'], config['seeds']\n") == [
        "training.rates",
        "training.schedule.warmup",
    ]


@pytest.mark.parametrize(
    "code",
    [
        "build(**config['training'])\n",
        "for key, value in config['training'].items():\n    print(key, value)\n",
        "rest = config['training']\nprint(rest['schedule'].values(), rest['rates'])\n",
        "for part in ('schedule', 'rates'):\n    print(config['training'][part])\n",
        "Schedule(config['training'])\n",
        "print(config['training'][part])\n",
        "for part in parts():\n    build(config[part])\n",
        "print(config[part].items())\n",
    ],
)
def test_what_is_handed_on_whole_counts_as_read(code: str) -> None:
    assert unused(LOADED + "config['model']['width'], config['seeds']\n" + code) == []


MERGES = """
def merge(base, over):
    config = dict(base)
    for key, value in over.items():
        if isinstance(value, dict):
            config[key] = merge(config[key], value)
        else:
            config[key] = value
    return config
"""


@pytest.mark.parametrize(
    "code",
    [
        MERGES.replace("base", "settings").replace("config = dict(settings)", "config = {}") + "merge(config, {})\n",
        "def merge(config, over):\n    for key, value in over.items():\n"
        "        config[key] = merge(config[key], value) if isinstance(value, dict) else value\n    return config\n",
        "for group, values in over.items():\n    config[group].update(values)\n",
        "for group, values in over.items():\n    config[group] = {**config[group], **values}\n",
        "for group, key, value in over:\n    config[group][key] = value\n",
        "def depth(config, group):\n    return config[group]['depth']\n",
        "def depth(config, group):\n    return config[group].get('depth', 1)\n",
        "for part in ('model', 'data'):\n    print(config[part])\n",
    ],
)
def test_what_merges_or_takes_one_key_has_not_read_the_others(code: str) -> None:
    assert unused(LOADED + "config['model']['width'], config['seeds']\n" + code) == [
        "training.rates",
        "training.schedule.warmup",
    ]
