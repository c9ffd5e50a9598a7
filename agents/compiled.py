"""Learning in one compiled call: Python never loops over minibatches."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf


def compiled(update: Callable[..., Any], images: bool = False) -> Callable[..., Any]:
    """``update`` as one program, compiled anew only for new shapes.

    XLA fuses the many small operations of a step on vectors, whose dispatch would otherwise take most of the time. Of
    images the convolutions take it, and TensorFlow's own are faster on a processor than XLA's. AutoGraph is off because
    nothing here needs it, and rewriting Keras' Python delays the first round.
    """
    return tf.function(update, jit_compile=not images, autograph=False, reduce_retracing=True)


def mean_over(count: tf.Tensor, step: Callable[[tf.Tensor], tf.Tensor], names: tuple[str, ...]) -> dict[str, tf.Tensor]:
    """Call ``step(0)`` to ``step(count - 1)``, one after another, and name the means of what they return.

    Args:
        count: an int32 scalar. As a loop's condition it may change without a new compilation, which ``tf.range`` would
            need.
        step: from the number of a minibatch to ``[len(names)]`` float32 scalars.
        names: of the scalars.
    """
    totals = tf.while_loop(
        lambda i, _: i < count, lambda i, totals: (i + 1, totals + step(i)), (tf.constant(0), tf.zeros([len(names)]))
    )[1]
    return dict(zip(names, tf.unstack(totals / tf.cast(count, tf.float32)), strict=True))
