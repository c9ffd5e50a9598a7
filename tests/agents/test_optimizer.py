import keras
import numpy as np
import tensorflow as tf

from agents.optimizer import FlatOptimizer


def weights() -> list[keras.Variable]:
    return [keras.Variable(np.full(shape, 0.5, np.float32)) for shape in ((2, 3), (3,), ())]


def test_every_weight_gets_the_step_that_belongs_to_it():
    kernel, bias, scale = chosen = weights()
    optimizer = FlatOptimizer(keras.optimizers.SGD(0.1), chosen)
    slopes = np.arange(6, dtype=np.float32).reshape(2, 3)
    optimizer.apply([tf.constant(slopes), tf.constant([10.0, 20.0, 30.0]), tf.constant(-5.0)])
    np.testing.assert_allclose(kernel.numpy(), 0.5 - 0.1 * slopes, rtol=1e-6)
    np.testing.assert_allclose(bias.numpy(), [-0.5, -1.5, -2.5], rtol=1e-6)
    np.testing.assert_allclose(scale.numpy(), 1.0, rtol=1e-6)


def test_gradients_are_clipped_by_their_norm_together():
    chosen = weights()
    optimizer = FlatOptimizer(keras.optimizers.SGD(1.0, global_clipnorm=0.5), chosen)
    optimizer.apply([tf.zeros([2, 3]), tf.constant([3.0, 0.0, 0.0]), tf.constant(4.0)])  # norm 5
    np.testing.assert_allclose(chosen[1].numpy(), [0.2, 0.5, 0.5], rtol=1e-6)
    np.testing.assert_allclose(chosen[2].numpy(), 0.1, rtol=1e-5)


def test_adams_second_step_worked_out_by_hand():
    weight = keras.Variable(np.zeros(1, np.float32))
    optimizer = FlatOptimizer(keras.optimizers.Adam(0.1), [weight])
    optimizer.apply([tf.constant([2.0])])
    np.testing.assert_allclose(weight.numpy(), [-0.1], rtol=1e-5)
    # m = 0.9 0.2 - 0.1 = 0.08 and v = 0.999 0.004 + 0.001 = 0.004996, so that the step is
    # 0.1 (0.08 / 0.19) / √(0.004996 / 0.001999) = 0.1 0.421053 / 1.580902 = 0.0266337
    optimizer.apply([tf.constant([-1.0])])
    np.testing.assert_allclose(weight.numpy(), [-0.1266337], rtol=1e-5)


def test_a_change_from_outside_is_kept():
    weight = keras.Variable(np.zeros(2, np.float32))
    optimizer = FlatOptimizer(keras.optimizers.SGD(1.0), [weight])
    weight.assign([5.0, 6.0])
    optimizer.apply([tf.constant([1.0, 1.0])])
    np.testing.assert_allclose(weight.numpy(), [4.0, 5.0])
