// Fails unless TensorFlow's native binding loads and computes. A GPU need not be there: without one TensorFlow computes on
// the CPU, so this can end the build of an image. `nightjar doctor --gpu` asks for the GPU, where there is one.
import { createRequire } from 'node:module'

try {
  const tf = createRequire(import.meta.url)('@tensorflow/tfjs-node-gpu')
  await tf.ready()
  const [product] = await tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])).data()
  if (product !== 11) throw new Error(`it computes 1 * 3 + 2 * 4 = ${product}`)
  console.log(`tfjs-node-gpu loads and computes, on ${tf.getBackend()}`)
} catch (error) {
  console.error(`tfjs-node-gpu does not work: ${String(error.message ?? error).split('\n')[0]}`)
  process.exitCode = 1
}
