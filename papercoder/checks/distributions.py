"""Which package brings which module: maintained by hand, because what is declared is not installed here.

A module that is not in the table comes from the package of its own name.
"""

import re
from collections.abc import Iterable

from packaging.requirements import InvalidRequirement, Requirement

_MODULES = {
    "OpenSSL": "pyopenssl",
    "PIL": "pillow",
    "OpenGL": "pyopengl",
    "Levenshtein": "levenshtein python-levenshtein",
    "_pytest": "pytest",
    "absl": "absl-py",
    "accelerate": "accelerate",
    "attr": "attrs",
    "bert_score": "bert-score",
    "Bio": "biopython",
    "Crypto": "pycryptodome pycryptodomex",
    "box": "python-box",
    "bs4": "beautifulsoup4",
    "community": "python-louvain",
    "cuda": "cuda-python",
    "cv2": "opencv-python opencv-python-headless opencv-contrib-python opencv-contrib-python-headless",
    "dateutil": "python-dateutil",
    "dgl": "dgl",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "faiss": "faiss-cpu faiss-gpu faiss-gpu-cu12",
    "fitz": "pymupdf",
    "flash_attn": "flash-attn",
    "git": "gitpython",
    "google": "protobuf google-cloud-storage google-generativeai google-genai google-api-python-client",
    "gym": "gym",
    "grpc": "grpcio",
    "haiku": "dm-haiku",
    "hydra": "hydra-core",
    "igraph": "igraph python-igraph",
    "imblearn": "imbalanced-learn",
    "jwt": "pyjwt",
    "kornia": "kornia",
    "lightning": "lightning",
    "markdown_it": "markdown-it-py",
    "magic": "python-magic",
    "mpl_toolkits": "matplotlib",
    "mujoco_py": "mujoco-py",
    "nacl": "pynacl",
    "ogb": "ogb",
    "open_clip": "open-clip-torch",
    "orbax": "orbax-checkpoint",
    "ot": "pot",
    "pkg_resources": "setuptools",
    "psycopg2": "psycopg2 psycopg2-binary",
    "pylab": "matplotlib",
    "pynvml": "nvidia-ml-py pynvml",
    "pyro": "pyro-ppl",
    "pytorch_lightning": "pytorch-lightning lightning",
    "pywt": "pywavelets",
    "rdkit": "rdkit rdkit-pypi",
    "rouge_score": "rouge-score",
    "ruamel": "ruamel-yaml",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "skopt": "scikit-optimize",
    "sksparse": "scikit-sparse",
    "snappy": "python-snappy",
    "tensorflow": "tensorflow tensorflow-cpu tensorflow-macos tensorflow-gpu",
    "tensorflow_datasets": "tensorflow-datasets",
    "tensorflow_probability": "tensorflow-probability",
    "torch_geometric": "torch-geometric",
    "tree": "dm-tree",
    "umap": "umap-learn",
    "usb": "pyusb",
    "xdist": "pytest-xdist",
    "yaml": "pyyaml",
    "zmq": "pyzmq",
}

_BROUGHT = {
    "accelerate": "numpy torch packaging psutil pyyaml huggingface-hub safetensors",
    "datasets": "numpy pandas pyarrow requests tqdm packaging pyyaml huggingface-hub filelock dill fsspec",
    "dm-haiku": "jax numpy absl-py tabulate jmp",
    "flax": "jax numpy optax rich msgpack",
    "gymnasium": "numpy cloudpickle",
    "hydra-core": "omegaconf",
    "jax": "jaxlib numpy scipy opt-einsum ml-dtypes",
    "keras": "numpy h5py rich",
    "lightgbm": "numpy scipy",
    "matplotlib": "numpy pillow python-dateutil packaging",
    "nltk": "joblib regex tqdm click",
    "omegaconf": "pyyaml",
    "optax": "jax numpy",
    "pandas": "numpy python-dateutil pytz",
    "pytorch-lightning": "torch torchmetrics numpy pyyaml tqdm fsspec",
    "scikit-image": "numpy scipy pillow networkx imageio",
    "scikit-learn": "numpy scipy joblib threadpoolctl",
    "scipy": "numpy",
    "seaborn": "matplotlib numpy pandas",
    "sentence-transformers": "torch transformers numpy scipy scikit-learn tqdm pillow huggingface-hub",
    "statsmodels": "numpy scipy pandas patsy packaging",
    "tensorflow": "numpy keras h5py protobuf",
    "torchaudio": "torch",
    "torchvision": "torch numpy pillow",
    "transformers": "numpy tokenizers huggingface-hub safetensors requests tqdm packaging pyyaml regex filelock",
    "xgboost": "numpy scipy",
}

_NO_PACKAGES = {
    "cv2": "opencv-python",
    "cudatoolkit": "",
    "cudnn": "",
    "faiss": "faiss-cpu",
    "opencv": "opencv-python",
    "pil": "pillow",
    "python": "",
    "pytorch": "torch",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "tensorflow-gpu": "tensorflow",
    "torch-vision": "torchvision",
    "yaml": "pyyaml",
}
"""Names that install nothing, or not what is meant, and what is meant."""

_WELL_KNOWN = (
    "numpy scipy torch torchvision tensorflow keras jax flax sklearn pandas matplotlib yaml tqdm PIL transformers"
)
WELL_KNOWN = frozenset(_WELL_KNOWN.split())
"""Modules that other packages import by name, so that a file of that name breaks them even where it is not declared."""


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def parsed(requirement: str) -> Requirement | None:
    try:
        return Requirement(requirement.split(" #")[0].strip())
    except InvalidRequirement:
        return None


def declared(requirements: Iterable[str]) -> set[str]:
    """Canonical names of the packages that these lines declare; what is no requirement declares nothing."""
    return {canonical(found.name) for line in requirements if (found := parsed(line))}


def providers(module: str) -> set[str]:
    """The packages that bring a top-level module."""
    return set(_MODULES[module].split()) if module in _MODULES else {canonical(module)}


def modules_of(package: str) -> set[str]:
    """The top-level modules that a package brings, as far as its name says."""
    named = {module for module, packages in _MODULES.items() if package in packages.split()}
    return named or {package.replace("-", "_")}


def brought_by(packages: Iterable[str]) -> set[str]:
    """What these packages need themselves, so that it is installed although nobody declared it."""
    found: set[str] = set()
    ring = set(packages)
    while ring:
        found |= ring
        ring = {other for package in ring for other in _BROUGHT.get(package, "").split()} - found
    return found


def installs_nothing(package: str) -> str | None:
    """What to write instead of a name that installs nothing of use (empty: nothing); None for any other name."""
    return _NO_PACKAGES.get(package)
