import keras
import numpy as np
import pytest
import tensorflow as tf

from agents.adam import Adam


def test_two_steps_worked_out_by_hand():
    weight = tf.Variable(tf.zeros([1]))
    adam = Adam([weight], learning_rate=0.1, epsilon=0.0)
    adam.apply([tf.constant([2.0])])
    np.testing.assert_allclose(weight.numpy(), [-0.1], rtol=1e-5)
    # m = 0.9 0.2 - 0.1 = 0.08 and v = 0.999 0.004 + 0.001 = 0.004996, so that the step is
    # 0.1 (0.08 / 0.19) / √(0.004996 / 0.001999) = 0.1 0.421053 / 1.580902
    adam.apply([tf.constant([-1.0])])
    np.testing.assert_allclose(weight.numpy(), [-0.1 - 0.0266337], rtol=1e-5)


def test_gradients_are_scaled_down_to_the_largest_norm_together():
    weights = [tf.Variable(tf.zeros([1])), tf.Variable(tf.zeros([1, 1]))]
    adam = Adam(weights, learning_rate=0.1, max_gradient_norm=0.5)
    adam.apply([tf.constant([3.0]), tf.constant([[4.0]])])  # norm 5
    np.testing.assert_allclose(adam.first_moment.numpy(), [0.03, 0.04], rtol=1e-5)
    adam.apply([tf.constant([0.0]), tf.constant([[0.1]])])  # norm 0.1 stays
    np.testing.assert_allclose(adam.first_moment.numpy(), [0.027, 0.046], rtol=1e-5)


def test_every_weight_gets_the_step_that_belongs_to_it():
    kernel, bias = keras.Variable(np.zeros((2, 3), np.float32)), keras.Variable(np.zeros(3, np.float32))
    signs = np.array([[1, -1, 1], [-1, 1, -1]], np.float32)
    Adam([kernel, bias], learning_rate=0.1).apply([tf.constant(signs), tf.constant([-1.0, 1.0, -1.0])])
    np.testing.assert_allclose(kernel.numpy(), -0.1 * signs, rtol=1e-4)
    np.testing.assert_allclose(bias.numpy(), [0.1, -0.1, 0.1], rtol=1e-4)


def test_the_step_size_can_be_changed():
    weight = tf.Variable(tf.zeros([1]))
    adam = Adam([weight], learning_rate=0.1)
    adam.learning_rate.assign(0.0)
    adam.apply([tf.constant([1.0])])
    assert weight.numpy() == pytest.approx(0.0)
