import { realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { MockBinding } from './mock-binding.ts'

/** What of tfjs-node-gpu's backend an engine may use besides tf's own functions. */
interface TensorflowBackend {
  binding: MockBinding
  isGPUPackage: boolean
  isUsingGpuDevice: boolean
  executeSingleOutput(
    op: string,
    attrs: { name: string; type: number; value: unknown }[],
    inputs: import('@tensorflow/tfjs-core').Tensor[],
  ): import('@tensorflow/tfjs-core').Tensor
}

export interface MockTensorflow {
  tf: typeof import('@tensorflow/tfjs-core')
  binding: MockBinding
  backend: TensorflowBackend
}

let opened: Promise<MockTensorflow> | undefined

/**
 * Opens the real @tensorflow/tfjs-node-gpu on a mock of its native part.
 *
 * Its own index.js runs, with all that it does: registering the kernels, the backend and the file handlers, choosing
 * the backend. Two modules are put in its way in Node's cache, before it is loaded: node-pre-gyp, which says where
 * the native module lies, and the native module.
 *
 * `tf` is the namespace that the package exports. Its engine, with the backend and the kernels, is one for the
 * process (tfjs-core keeps it on globalThis). So are its classes, as long as everybody gets the same build of
 * tfjs-core: `import('@tensorflow/tfjs-core')` and `require` both take package.json's "main", dist/tf-core.node.js,
 * for it has no "exports", and vitest leaves packages to Node. A bundler would take "module", another build, whose
 * tensors are of other classes; then only what is asked of `tf` itself is safe. Other backends' packages register
 * theirs in the same engine.
 *
 * A second call gives the same again: a process has one backend of a name, and with it one binding.
 */
export function openMockTensorflow(): Promise<MockTensorflow> {
  opened ??= open()
  return opened
}

async function open(): Promise<MockTensorflow> {
  const here = createRequire(import.meta.url)
  const load = createRequire(here.resolve('@tensorflow/tfjs-node-gpu/package.json'))
  const binding = new MockBinding()
  // index.js wants the file to exist, and Node looks it up by its real path: any file will do, this one does.
  const place = realpathSync(fileURLToPath(import.meta.url))
  const finder = load.resolve('@mapbox/node-pre-gyp')
  load.cache[place] = loaded(place, binding)
  load.cache[finder] = loaded(finder, { find: () => place })
  try {
    const tf: MockTensorflow['tf'] = load('@tensorflow/tfjs-node-gpu')
    await tf.ready()
    return { tf, binding, backend: tf.backend() as unknown as TensorflowBackend }
  } finally {
    delete load.cache[place]
    delete load.cache[finder]
  }
}

/** A module as Node keeps it once it has run. */
function loaded(id: string, exports: unknown): NodeJS.Module {
  const facts = { id, filename: id, path: id, exports, loaded: true, children: [], paths: [], parent: null }
  return { ...facts, isPreloading: false, require: createRequire(id) }
}
