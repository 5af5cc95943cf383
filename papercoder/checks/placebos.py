"""Requirements that a paper does not have, to measure how often an assessor says yes to anything.

They are what papers often ask for, told as a specifier tells it, so that nothing but the code gives them away.
"""

import hashlib
import re
from collections.abc import Mapping

from state.paper import Paper

POOL: Mapping[str, str] = {
    "Gradients are clipped to a global norm of 1.0 before each update.": r"clip|gradient norm|grad_norm|max_norm",
    "An exponential moving average of the weights with decay 0.999 is used for evaluation.":
        r"moving average|\bema\b|polyak|swa\b",
    "Dropout with rate 0.3 is applied to the input of every layer during training.": r"dropout|drop_?rate",
    "Training stops when the validation loss has not improved for 10 epochs; the best checkpoint is kept.":
        r"early.?stop|patience|best checkpoint|best_(?:model|state)",
    "The learning rate follows a cosine schedule down to 1% of its peak.": r"cosine|\bcos\b|anneal",
    "The learning rate is warmed up linearly over the first 500 updates.": r"warm",
    "Targets are smoothed by label smoothing of 0.1 in the training loss.": r"smooth",
    "Pairs of training samples and their targets are mixed by mixup with Beta(0.2, 0.2).":
        r"mix.?up|\bbeta\(|cutmix|interpolat",
    "Square patches of 8 by 8 pixels are erased at random from the training images.": r"cutout|eras(?:e|ing)|patch",
    "Training images are flipped horizontally with probability 0.5.": r"flip",
    "Training images are padded by 4 pixels and cropped at random to their original size.": r"crop|padded|padding",
    "Weights are kept in spectral normalisation, with one power iteration per update.":
        r"spectral|power iteration|power_iter",
    "Gradients are accumulated over 4 batches before each update.": r"accumulat",
    "Forward passes run in half precision with dynamic loss scaling.":
        r"half.?precision|mixed.?precision|fp16|float16|bfloat16|loss.?scal|autocast",
    "Activations are recomputed in the backward pass instead of being stored.": r"checkpointing|recomput|remat",
    "Predictions of 5 models that were trained from different initialisations are averaged.":
        r"ensembl|are averaged|averag\w+ (?:the )?(?:models|predictions)|committee",
    "Calibration is reported as the expected calibration error over 15 bins.": r"calibrat|\bece\b",
    "Differences between methods are tested by a paired Wilcoxon signed-rank test at the 5% level.":
        r"wilcoxon|signed.?rank|p.?value|significan",
    "Confidence intervals come from 1,000 bootstrap resamples of the test set.":
        r"bootstrap|resampl|confidence interval",
    "Hyperparameters are selected by 5-fold cross-validation on the training set.": r"fold|cross.?valid",
    "Hyperparameters are drawn by random search with 50 trials.":
        r"random.?search|trials|optuna|hyperparameter search|grid.?search",
    "Samples of rare classes are drawn more often, in inverse proportion to the class frequency.":
        r"oversampl|class.?(?:weight|balanc|frequenc)|imbalanc|weightedrandomsampler|inverse proportion",
    "The loss is a focal loss with focusing parameter 2.": r"focal|focus",
    "An auxiliary classifier at half depth contributes to the loss with weight 0.3.": r"auxiliary|\baux_",
    "The student also minimises the divergence from a teacher's outputs at temperature 4.": r"teacher|student|distil",
    "The memory holds the last 65,536 keys of a momentum encoder as negatives.":
        r"momentum encoder|negatives|contrastive|\bmoco\b|queue|memory bank",
    "Samples are presented in the order of increasing difficulty (a curriculum).": r"curricul|difficult",
    "Inputs are perturbed by one step of the fast gradient sign method with a radius of 8/255.":
        r"adversar|fgsm|perturb|\bpgd\b",
    "Noise is added to clipped per-sample gradients so that training is differentially private.":
        r"privat|privacy|\bdp.?sgd|opacus",
    "Features pass through whitening by principal components that keep 95% of the variance.":
        r"whiten|\bpca\b|principal component",
    "Missing values are filled with the median of their column.": r"missing|imput|median|\bnan",
    "Outliers beyond three standard deviations are removed before training.": r"outlier|three standard deviations",
    "Near-duplicates are removed from the training data by MinHash with threshold 0.8.":
        r"duplicat|dedup|minhash|jaccard",
    "Text is split by byte-pair encoding with 32,000 merges.":
        r"byte.?pair|\bbpe\b|subword|sentencepiece|wordpiece|tokeniz",
    "Sequences are decoded by beam search with 4 beams and a length penalty of 0.6.": r"beam",
    "Positions are encoded by rotating queries and keys (rotary embeddings).": r"rotary|\brope\b|rotat",
    "A replay buffer of 100,000 transitions is sampled by priority.": r"replay|buffer|priorit",
    "Advantages are estimated with generalised advantage estimation at lambda 0.95.": r"advantage|\bgae\b",
    "A target network is updated by Polyak averaging with factor 0.005.": r"target.?net|polyak|soft.?update",
    "Layers below the last two are frozen for the first epoch.": r"frozen|freez|requires_grad",
    "The learning rate decays by a factor of 0.8 with each layer from the output to the input.":
        r"layer.?wise|each layer|discriminative|lr_decay|per.?layer",
    "Each update is a sharpness-aware step with neighbourhood radius 0.05.": r"sharpness|\bsam\b",
    "Gradients are averaged over 8 workers by an all-reduce before each update.":
        r"all.?reduce|worker|distributed|data.?parallel|\bddp\b",
    "Weights are quantised to 8-bit integers after training.": r"quanti[sz]|8.?bit|int8",
    "The 50% of weights with the smallest magnitude are set to zero after training.": r"prun|spars|magnitude",
}  # fmt: skip
"""Requirement → what in a paper or in code speaks of it, or of something near."""


def placebos(paper: Paper, files: Mapping[str, str], count: int) -> list[str]:
    """Up to `count` requirements of which neither paper nor code speaks; the same ones for the same paper and code."""
    text = "\n".join([paper.markdown(references=True), *(f"{path}\n{files[path]}" for path in sorted(files))]).lower()
    free = [what for what, words in POOL.items() if not re.search(words, text)]
    salt = hashlib.sha256(paper.model_dump_json().encode()).hexdigest()
    return sorted(free, key=lambda what: hashlib.sha256(f"{salt}{what}".encode()).hexdigest())[:count]
