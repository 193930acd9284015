import type { GradConfig, Tensor, Tensor2D } from '@tensorflow/tfjs-core'
import type { Tfjs } from '../../job/engine/tfjs/open-backend.ts'

/**
 * Registers the gradients of the operations that the dense graph uses. The whole of tfjs brings them; tfjs-core alone, as
 * Node loads it, does not. They are the usual ones, a product's by transposed products, as tfjs has them.
 */
export function registerDenseGradients(tf: Tfjs): void {
  // A bias or a factor was spread over rows or columns: its gradient is the sum over them.
  const reduced = (gradient: Tensor, to: Tensor): Tensor => {
    const shape = [...Array(gradient.rank - to.rank).fill(1), ...to.shape]
    const axes = shape.flatMap((length, axis) => (length < gradient.shape[axis] ? [axis] : []))
    return tf.reshape(axes.length === 0 ? gradient : tf.sum(gradient, axes), to.shape)
  }
  const unary = (kernelName: string, gradient: (dy: Tensor, x: Tensor) => Tensor): GradConfig => ({
    kernelName,
    inputsToSave: ['x'],
    gradFunc: (dy, [x]) => ({ x: () => gradient(dy as Tensor, x) }),
  })
  const binary = (
    kernelName: string,
    byA: (dy: Tensor, a: Tensor, b: Tensor) => Tensor,
    byB: typeof byA,
  ): GradConfig => ({
    kernelName,
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, [a, b]) => ({
      a: () => reduced(byA(dy as Tensor, a, b), a),
      b: () => reduced(byB(dy as Tensor, a, b), b),
    }),
  })
  const rules: GradConfig[] = [
    binary(
      'Add',
      (dy) => dy,
      (dy) => dy,
    ),
    binary(
      'Sub',
      (dy) => dy,
      (dy) => tf.neg(dy),
    ),
    binary(
      'Multiply',
      (dy, _, b) => tf.mul(dy, b),
      (dy, a) => tf.mul(dy, a),
    ),
    binary(
      'BatchMatMul',
      (dy, _, b) => tf.matMul(dy as Tensor2D, b as Tensor2D, false, true),
      (dy, a) => tf.matMul(a as Tensor2D, dy as Tensor2D, true, false),
    ),
    unary('Relu', (dy, x) => tf.mul(dy, tf.step(x))),
    unary('Square', (dy, x) => tf.mul(dy, tf.mul(x, 2))),
    unary('Sum', (dy, x) => tf.mul(tf.onesLike(x), dy)),
    unary('Transpose', (dy) => tf.transpose(dy)),
    {
      kernelName: 'Sigmoid',
      outputsToSave: [true],
      gradFunc: (dy, [y]) => ({ x: () => tf.mul(dy as Tensor, tf.mul(y, tf.sub(1, y))) }),
    },
    {
      kernelName: 'AddN',
      saveAllInputs: true,
      gradFunc: (dy, terms) => Object.fromEntries(terms.map((_, n) => [n, () => (dy as Tensor).clone()])),
    },
    ...['Reshape', 'ExpandDims'].map((kernelName) => ({
      kernelName,
      inputsToSave: [kernelName === 'Reshape' ? 'x' : 'input'],
      gradFunc: (dy: Tensor | Tensor[], [x]: Tensor[]) => ({
        [kernelName === 'Reshape' ? 'x' : 'input']: () => tf.reshape(dy as Tensor, x.shape),
      }),
    })),
  ]
  for (const rule of rules) tf.registerGradient(rule)
}
