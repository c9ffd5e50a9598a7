"""Actions from the parameters of their distribution, in NumPy."""

import numpy as np

from envs.actions import ActionSpec


def sampled(spec: ActionSpec, parameters: np.ndarray, log_std: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A sample for each row.

    Args:
        spec: says which distribution.
        parameters: float32 ``[N, spec.num_parameters]`` logits or means.
        log_std: ``[K]`` of Gaussians, unused otherwise.
        rng: of the noise.

    Returns:
        ``[N, K]`` in the policy's form.
    """
    if spec.kind == "categorical":
        # Gumbel-max: the argmax of logits plus Gumbel noise is a sample of the softmax.
        return _argmax(spec, parameters + rng.gumbel(size=parameters.shape))
    if spec.kind == "bernoulli":
        # P(logistic noise < l) = sigmoid(l)
        return (rng.logistic(size=parameters.shape) < parameters).astype(np.int32)
    noise = rng.standard_normal(parameters.shape, np.float32)
    return parameters + np.exp(log_std) * noise


def most_likely(spec: ActionSpec, parameters: np.ndarray) -> np.ndarray:
    """The mode of each row, ``[N, K]``; arguments as in `sampled`."""
    if spec.kind == "categorical":
        return _argmax(spec, parameters)
    return (parameters > 0).astype(np.int32) if spec.kind == "bernoulli" else parameters


def _argmax(spec: ActionSpec, logits: np.ndarray) -> np.ndarray:
    ends = np.cumsum(spec.sizes)[:-1]
    return np.stack([part.argmax(-1) for part in np.split(logits, ends, -1)], -1).astype(np.int32)
