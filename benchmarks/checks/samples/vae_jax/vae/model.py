"""A variational autoencoder."""

import jax
import jax.numpy as jnp
from flax import linen as nn


class Encoder(nn.Module):
    latents: int
    width: int

    @nn.compact
    def __call__(self, x):
        h = nn.relu(nn.Dense(self.width)(x))
        return nn.Dense(self.latents)(h), nn.Dense(self.latents)(h)


class Decoder(nn.Module):
    width: int
    outputs: int

    def setup(self):
        self.hidden = nn.Dense(self.width)
        self.out = nn.Dense(self.outputs)

    def __call__(self, z):
        return self.out(nn.relu(self.hidden(z)))


class VAE(nn.Module):
    latents: int
    width: int
    outputs: int

    def setup(self):
        self.encoder = Encoder(self.latents, self.width)
        self.decoder = Decoder(self.width, self.outputs)

    def __call__(self, x, key):
        mean, log_variance = self.encoder(x)
        return self.decoder(self.sample(mean, log_variance, key)), mean, log_variance

    def sample(self, mean, log_variance, key):
        # Eq. 3 [E3]: the reparameterisation
        return mean + jnp.exp(0.5 * log_variance) * jax.random.normal(key, mean.shape)


def negative_elbo(logits, x, mean, log_variance):
    # Eq. 4 [E4]
    kl = -0.5 * jnp.sum(1 + log_variance - mean**2 - jnp.exp(log_variance), axis=-1)
    likelihood = jnp.sum(x * jax.nn.log_sigmoid(logits) + (1 - x) * jax.nn.log_sigmoid(-logits), axis=-1)
    return jnp.mean(kl - likelihood)
