"""The settings of the synthetic project, and its presets."""

SETTINGS: tuple[tuple[str, str | float | bool, str], ...] = (
    ("training.learning_rate", 0.0007, "peak, after the warm-up"),
    ("training.batch_size", 4096, "tokens"),
    ("training.warmup_steps", 4000, ""),
    ("training.max_steps", 100000, ""),
    ("training.label_smoothing", 0.1, ""),
    ("training.optimizer.name", "adam", ""),
    ("training.optimizer.beta1", 0.9, ""),
    ("training.optimizer.beta2", 0.98, ""),
    ("training.optimizer.epsilon", 1.0e-9, ""),
    ("model.d_model", 512, ""),
    ("model.d_ff", 2048, ""),
    ("model.num_heads", 8, ""),
    ("model.num_layers", 6, ""),
    ("model.dropout", 0.1, "on every residual"),
    ("data.source_language", "en", ""),
    ("data.target_language", "de", ""),
    ("data.vocab_size", 37000, ""),
    ("data.max_length", 256, "tokens"),
    ("eval.beam_size", 4, ""),
    ("eval.length_penalty", 0.6, ""),
    ("resources.use_stand_ins", False, "changes no result of the full run"),
    ("seed", 1234, "not in the paper"),
    ("eval.average_checkpoints", 5, ""),
)

PRESETS: dict[str, dict[str, float | bool]] = {
    "smoke": {"training.max_steps": 1, "training.warmup_steps": 1, "resources.use_stand_ins": True},
    "small": {"training.max_steps": 2, "training.warmup_steps": 1},
}
"""What the smaller runs replace."""
