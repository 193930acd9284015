/**
 * A seeded pseudo-random generator (sfc32, 128 bits of state): fast, passes PractRand, and the same on every
 * machine. Several numbers make one seed, so that a stream can be had for `(seed, epoch)` or `(seed, user)`
 * without drawing through the ones before it.
 *
 * @see http://pracrand.sourceforge.net (sfc32, Chris Doty-Humphrey)
 */
export class Random {
  #a: number
  #b: number
  #c: number
  #d = 1

  constructor(...seed: number[]) {
    let hash = 0x9e3779b9
    const absorb = (word: number): number => {
      hash = mix((hash ^ word) >>> 0)
      return hash
    }
    for (const part of seed) {
      absorb(part >>> 0)
      absorb(Math.floor(part / 0x100000000) >>> 0)
    }
    this.#a = absorb(1)
    this.#b = absorb(2)
    this.#c = absorb(3)
    for (let i = 0; i < 12; i++) this.bits()
  }

  /** 32 random bits. */
  bits(): number {
    const sum = (this.#a + this.#b + this.#d) | 0
    this.#d = (this.#d + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum >>> 0
  }

  /** Uniform in [0, 1), in steps of 2^-32. */
  next(): number {
    return this.bits() / 0x100000000
  }

  /** A whole number, uniform in [0, n). `n` is at most 2^32. */
  below(n: number): number {
    return Math.floor(this.next() * n)
  }

  /** Standard normal, cut at two standard deviations by drawing again (as TensorFlow's truncated_normal). */
  truncatedNormal(): number {
    for (;;) {
      // The polar form of Box and Muller; its second value is dropped, for simplicity.
      const x = 2 * this.next() - 1
      const y = 2 * this.next() - 1
      const square = x * x + y * y
      if (square >= 1 || square === 0) continue
      const normal = x * Math.sqrt((-2 * Math.log(square)) / square)
      if (Math.abs(normal) <= 2) return normal
    }
  }

  /** Puts an array into random order, in place (Fisher and Yates). */
  shuffle<Item>(array: { readonly length: number; [index: number]: Item }): void {
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.below(i + 1)
      const held = array[i]
      array[i] = array[j]
      array[j] = held
    }
  }
}

/** The finalizer of MurmurHash3: every bit of the input reaches every bit of the output. */
function mix(word: number): number {
  let h = word
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
