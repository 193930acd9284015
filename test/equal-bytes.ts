import { expect } from 'vitest'

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  Buffer.from(buffer, byteOffset, byteLength)

// Vitest looks at a typed array element by element, at four microseconds each: seconds for a file of weights. Where all
// bytes are the same there is nothing to find; where they are not, its own way finds the difference and shows it.
expect.addEqualityTesters([
  (one: unknown, other: unknown) =>
    ArrayBuffer.isView(one) &&
    ArrayBuffer.isView(other) &&
    one.constructor === other.constructor &&
    bytesOf(one).equals(bytesOf(other))
      ? true
      : undefined,
])
