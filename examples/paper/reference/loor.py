"""Leave-one-out reweighted ridge classification on random Fourier features.

Equation numbers refer to paper.tex.
"""

import numpy as np


class RandomFourierFeatures:
    """The feature map z(x) of Eq. (1), with Gaussian frequencies of variance 1/d."""

    def __init__(self, n_inputs, n_features, rng):
        self.omega = rng.standard_normal((n_features, n_inputs)) / np.sqrt(n_inputs)
        self.phase = rng.uniform(0.0, 2.0 * np.pi, n_features)

    def __call__(self, X):
        scale = np.sqrt(2.0 / len(self.phase))
        return scale * np.cos(X @ self.omega.T + self.phase)


def encode(y, n_classes):
    """One-versus-rest targets in {-1, +1}."""
    return 2.0 * np.eye(n_classes)[y] - 1.0


def solve_ridge(Z, Y, w, lam):
    """Weighted ridge coefficients, Eq. (2), and the inverse P that the leverages need."""
    Zw = Z * w[:, None]
    P = np.linalg.inv(Z.T @ Zw + lam * np.eye(Z.shape[1]))
    return P @ (Zw.T @ Y), P


def leave_one_out_scores(Z, Y, w, B, P):
    """Eqs. (3) and (4)."""
    h = (w * np.sum((Z @ P) * Z, axis=1))[:, None]
    return (Z @ B - h * Y) / (1.0 - h)


def margins(S, y):
    """Score of the given label minus the best score of any other label, Eq. (5)."""
    rows = np.arange(len(y))
    others = S.copy()
    others[rows, y] = -np.inf
    return S[rows, y] - others.max(axis=1)


def fit(Z, y, n_classes, lam, tau=None, n_rounds=0, leave_one_out=True):
    """Algorithm 1. Returns the coefficients and the final sample weights.

    n_rounds=0 is uniform weighting; leave_one_out=False is the ablation that
    takes margins from the scores of the training fit itself.
    """
    n = len(y)
    Y = encode(y, n_classes)
    w = np.ones(n)
    B, P = solve_ridge(Z, Y, w, lam)
    for _ in range(n_rounds):
        S = leave_one_out_scores(Z, Y, w, B, P) if leave_one_out else Z @ B
        v = 1.0 / (1.0 + np.exp(-margins(S, y) / tau))
        w = n * v / v.sum()  # Eq. (6)
        B, P = solve_ridge(Z, Y, w, lam)
    return B, w


def predict(Z, B):
    """Eq. (7)."""
    return np.argmax(Z @ B, axis=1)
