import { expect } from 'vitest'

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  Buffer.from(buffer, byteOffset, byteLength)

/** True where all bytes are the same; else vitest's own way finds the difference, and shows it. */
const equalBytes = (one: unknown, other: unknown) =>
  ArrayBuffer.isView(one) &&
  ArrayBuffer.isView(other) &&
  one.constructor === other.constructor &&
  bytesOf(one).equals(bytesOf(other))
    ? true
    : undefined

// Vitest looks at a typed array element by element, at four microseconds each: seconds for a file of weights.
// Files that share a process set this up once.
const isSetUp = Symbol.for('nightjar.equalBytes')
if (!Object.hasOwn(globalThis, isSetUp)) {
  Object.defineProperty(globalThis, isSetUp, { value: true })
  expect.addEqualityTesters([equalBytes])
}
