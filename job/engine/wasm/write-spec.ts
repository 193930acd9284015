import type { ModelSpec } from '../model-spec.ts'
import type { EngineMemory } from './engine-memory.ts'
import { flagBits, lossKinds } from './slots.ts'

/** Tells the kernels what they are to compute. */
export function writeSpec(memory: EngineMemory, spec: ModelSpec): void {
  const flags =
    (spec.userComponent ? flagBits.userComponent : 0) |
    (spec.itemComponent ? flagBits.itemComponent : 0) |
    (spec.itemComponent && spec.itemFactor ? flagBits.itemFactor : 0) |
    (spec.userComponent && spec.userVector ? flagBits.userVector : 0)
  memory.setWord('flags', flags)
  memory.setWord('hidden', spec.hidden)
  memory.setWord('loss', lossKinds[spec.loss])
  memory.setReal('margin', spec.margin)
  memory.setReal('l2', spec.l2)
  memory.setReal('beta1', spec.adam.beta1)
  memory.setReal('beta2', spec.adam.beta2)
  memory.setReal('epsilon', spec.adam.epsilon)
  memory.setReal('inputScale', 1)
  memory.setReal('scale', spec.userComponent && spec.itemComponent ? 0.5 : 1)
}
