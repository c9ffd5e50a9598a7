"""Print how fast this machine multiplies, in GFLOP a second: the limit of what networks can cost.

    python -m benchmarks.speed.limit

Products of two matrices of 2,048 by 2,048 in TensorFlow, on all cores; medians of fifteen, after the first.
"""

import json
import statistics
import time

import tensorflow as tf

from benchmarks.record import machine

SIDE = 2048
REPEATS = 15


def gigaflops(dtype: tf.DType) -> float:
    factors = [tf.cast(tf.random.normal((SIDE, SIDE), seed=seed), dtype) for seed in range(2)]
    product = tf.function(tf.matmul)
    seconds = []
    for _ in range(REPEATS + 1):
        started = time.perf_counter()
        product(*factors).numpy()
        seconds.append(time.perf_counter() - started)
    return 2 * SIDE**3 / statistics.median(seconds[1:]) / 1e9


if __name__ == "__main__":
    rates = {dtype.name: round(gigaflops(dtype), 1) for dtype in (tf.float32, tf.bfloat16)}
    print(json.dumps({"machine": machine(), "gigaflops": rates}))
