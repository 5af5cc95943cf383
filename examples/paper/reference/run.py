"""Measure Tables 2 and 3 of the paper: ``python run.py`` (about half a minute).

Prints both tables and writes results.json next to this file. Set OMP_NUM_THREADS=1
to keep it on one core; the matrices are too small to gain from more.
"""

import json
import platform
import time
from pathlib import Path

import numpy as np
import sklearn
from loor import RandomFourierFeatures, fit, predict
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

SEEDS = range(10)
N_DRAWS = 5
N_FEATURES = 300
LAM = 0.03
TAU = 0.2
N_ROUNDS = 3
K = 9
C_LOGREG = 0.1
SWEEP = (0.03, 0.3, 3.0)

COLUMNS = (
    ("Digits 0%", load_digits, 0.0),
    ("Digits 40%", load_digits, 0.4),
    ("Cancer 0%", load_breast_cancer, 0.0),
    ("Cancer 20%", load_breast_cancer, 0.2),
)
RIDGE_ROWS = {
    "LOOR": {"n_rounds": N_ROUNDS, "leave_one_out": True},
    "In-sample reweighting": {"n_rounds": N_ROUNDS, "leave_one_out": False},
    "Uniform ridge": {"n_rounds": 0},
}
BASELINE_ROWS = {
    "k-NN": lambda: KNeighborsClassifier(n_neighbors=K),
    "Logistic regression": lambda: LogisticRegression(C=C_LOGREG),
}


def flip_labels(y, n_classes, rate, rng):
    """Replace exactly round(rate * n) labels by a different, uniformly drawn class."""
    n_flips = round(rate * len(y))
    chosen = rng.choice(len(y), size=n_flips, replace=False)
    noisy = y.copy()
    noisy[chosen] = (y[chosen] + rng.integers(1, n_classes, size=n_flips)) % n_classes
    return noisy


def accuracies(load, rate, seed, lams, baselines):
    """Test accuracy in percent for one seed, averaged over N_DRAWS draws."""
    X, y = load(return_X_y=True)
    n_classes = len(np.unique(y))
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.5, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(X_train)
    X_train, X_test = scaler.transform(X_train), scaler.transform(X_test)

    sums = {}

    def add(key, predicted):
        sums[key] = sums.get(key, 0.0) + 100.0 * np.mean(predicted == y_test)

    for draw in range(N_DRAWS):
        rng = np.random.default_rng([seed, draw])
        noisy = flip_labels(y_train, n_classes, rate, rng)
        features = RandomFourierFeatures(X.shape[1], N_FEATURES, rng)
        Z_train, Z_test = features(X_train), features(X_test)
        for lam in lams:
            for row, options in RIDGE_ROWS.items():
                B, _ = fit(Z_train, noisy, n_classes, lam, tau=TAU, **options)
                add((row, lam), predict(Z_test, B))
        if baselines:
            for row, make in BASELINE_ROWS.items():
                add((row, None), make().fit(X_train, noisy).predict(X_test))
    return {key: total / N_DRAWS for key, total in sums.items()}


def summarise(per_seed):
    """Mean and population standard deviation over the seeds."""
    values = np.array(per_seed)
    return float(values.mean()), float(values.std())


def main():
    start = time.perf_counter()
    results, sweep = [], []
    for column, load, rate in COLUMNS:
        lams = SWEEP if column == "Digits 40%" else (LAM,)
        runs = [accuracies(load, rate, seed, lams, baselines=True) for seed in SEEDS]
        for row, lam in runs[0]:
            mean, std = summarise([run[row, lam] for run in runs])
            entry = {"row": row, "column": column, "mean": round(mean, 2), "std": round(std, 2)}
            if lam in (LAM, None):
                results.append(entry)
            if len(lams) > 1 and lam is not None:
                sweep.append(dict(entry, lam=lam))
    seconds = time.perf_counter() - start

    def cell(entries, **match):
        for e in entries:
            if all(e[k] == v for k, v in match.items()):
                return f"{e['mean']:.1f} ± {e['std']:.1f}".rjust(12)

    print("Test accuracy in percent, mean ± std over seeds\n")
    print(" " * 24 + " ".join(column.rjust(12) for column, _, _ in COLUMNS))
    for row in (*RIDGE_ROWS, *BASELINE_ROWS):
        cells = [cell(results, row=row, column=column) for column, _, _ in COLUMNS]
        print(row.ljust(24) + " ".join(cells))
    print("\nDigits 40%, ridge strength lambda\n")
    print(" " * 24 + " ".join(str(lam).rjust(12) for lam in SWEEP))
    for row in RIDGE_ROWS:
        print(row.ljust(24) + " ".join(cell(sweep, row=row, lam=lam) for lam in SWEEP))
    print(f"\n{seconds:.1f} s")

    report = {
        "unit": "percent accuracy",
        "results": results,
        "sweep": sweep,
        "seconds": round(seconds, 1),
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scikit_learn": sklearn.__version__,
        },
    }
    path = Path(__file__).with_name("results.json")
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
