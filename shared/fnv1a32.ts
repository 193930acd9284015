/**
 * FNV-1a, 32 bits, of the UTF-8 bytes of a text: cheap, well spread, and the same in every runtime.
 *
 * @see http://www.isthe.com/chongo/tech/comp/fnv/
 */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) {
    const byte = text.charCodeAt(i)
    // In ASCII a character is its byte; at the first that is not, the bytes are asked for after all.
    if (byte > 0x7f) return hashOfBytes(encoder.encode(text))
    hash = Math.imul(hash ^ byte, 0x01000193)
  }
  return hash >>> 0
}

const encoder = new TextEncoder()

function hashOfBytes(bytes: Uint8Array): number {
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}
