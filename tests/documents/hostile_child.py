"""Reads every file of the corpus with little memory, and writes what became of each as a line of JSON."""

import json
import resource
import sys
from pathlib import Path

from papercoder.documents import DocumentError, read_paper

MEMORY = 1_500_000_000


def main(folder: Path) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for name, path in json.loads((folder / "corpus.json").read_text()).items():
        outcome = {"name": name, "error": "", "text": "", "warnings": []}
        try:
            paper = read_paper(Path(path))
            outcome |= {"text": paper.markdown()[:100_000], "warnings": list(paper.warnings)}
        except DocumentError as error:
            outcome["error"] = str(error)
        sys.stdout.write(json.dumps(outcome) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
