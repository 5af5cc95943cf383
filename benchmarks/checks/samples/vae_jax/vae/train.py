"""The training loop."""

from functools import partial

import jax
import optax
from flax.training.train_state import TrainState

from vae.model import VAE, negative_elbo

PIXELS = 784


@jax.jit
def step(state, x, key):
    def loss_of(params):
        return negative_elbo(*forward(state, params, x, key))

    loss, gradients = jax.value_and_grad(loss_of)(state.params)
    return state.apply_gradients(grads=gradients), loss


def forward(state, params, x, key):
    logits, mean, log_variance = state.apply_fn({"params": params}, x, key)
    return logits, x, mean, log_variance


def batches(size, key):
    while True:
        key, use = jax.random.split(key)
        yield (jax.random.uniform(use, (size, PIXELS)) > 0.5).astype(float)


def train(config):
    """Losses, one a step."""
    key = jax.random.PRNGKey(config.train.seed)
    model = VAE(config.model.latents, config.model.width, PIXELS)
    source = partial(batches, config.train.batch)
    x = next(source(key))
    state = TrainState.create(
        apply_fn=model.apply,
        params=model.init(key, x, key)["params"],
        tx=optax.adam(config.train.learning_rate),
    )
    losses = []
    for _, x in zip(range(config.train.steps), source(key)):
        key, use = jax.random.split(key)
        state, loss = step(state, x, use)
        losses.append(float(loss))
    return losses
