import { type BackendName, openBackend } from './open-backend.ts'
import type { ProbeReply } from './probe-process.ts'

// The program of a probe: opens the backend that its argument names, multiplies two matrices on it, and sends its
// reply to the process that started it. A driver that crashes or hangs takes this process with it and no other.

const left = [1, 2, 3, 4, 5, 6] // [2, 3]
const right = [7, 8, 9, 10, 11, 12] // [3, 2]
const product = [58, 64, 139, 154] // [2, 2], exact in any float

async function reply(name: BackendName): Promise<ProbeReply> {
  const began = performance.now()
  try {
    const { tf, device, gpu } = await openBackend(name)
    const computed = await tf.matMul(tf.tensor2d(left, [2, 3]), tf.tensor2d(right, [3, 2])).data()
    const isRight = computed.length === product.length && product.every((x, i) => computed[i] === x)
    return { device, gpu, isRight, ms: performance.now() - began }
  } catch (error) {
    const { message, code } = error as { message?: string; code?: unknown }
    return { error: message ?? String(error), code: typeof code === 'string' ? code : '' }
  }
}

// Nobody waits for the reply any more.
process.on('disconnect', () => process.exit())
// Not by running out of work: drivers' own threads may keep a process alive, or crash while it ends.
process.send?.(await reply(process.argv[2] as BackendName), () => process.exit())
