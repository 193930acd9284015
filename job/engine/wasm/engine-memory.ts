import { NightjarError } from '../../errors.ts'
import { type SlotName, slotIndex } from './slots.ts'

const pageBytes = 65_536
const pagesMax = 65_536

/** Where data begins: behind the slots and the module's own constants. */
const dataStart = 2 * pageBytes

/** Every array starts on a cache line. */
const alignment = 64

/**
 * Memory behind the last array that kernels may read and make nothing of: a tile of scores reads up to three rows too
 * many, of at most 4,096 numbers each.
 */
const readBeyond = 3 * 4 * 4096

/**
 * The engine's linear memory: arrays that stay (ratings, parameters), then an arena that is laid out anew for
 * every block. Shared, so that worker threads can see it.
 */
export class EngineMemory {
  readonly memory: WebAssembly.Memory
  #end = dataStart

  constructor() {
    this.memory = new WebAssembly.Memory({ initial: 2, maximum: pagesMax, shared: true })
  }

  /** Room for `bytes`, as a byte address. */
  allocate(bytes: number): number {
    const start = Math.ceil(this.#end / alignment) * alignment
    this.#end = start + bytes
    this.#grow(this.#end + readBeyond)
    return start
  }

  /** Room for `bytes`, its address in a slot as well. */
  room(slot: SlotName, bytes: number): number {
    const address = this.allocate(bytes)
    this.setWord(slot, address)
    return address
  }

  /** Where the next array would begin; `release` frees everything from there on. */
  get mark(): number {
    return this.#end
  }

  release(mark: number): void {
    this.#end = mark
  }

  u32(address: number, length: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, address, length)
  }

  i32(address: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, address, length)
  }

  f32(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, length)
  }

  word(slot: SlotName): number {
    return this.u32(4 * slotIndex[slot], 1)[0]
  }

  setWord(slot: SlotName, value: number): void {
    this.u32(4 * slotIndex[slot], 1)[0] = value
  }

  setReal(slot: SlotName, value: number): void {
    this.f32(4 * slotIndex[slot], 1)[0] = value
  }

  /** Copies an array into memory and returns its address. */
  place(values: Uint32Array): number {
    const address = this.allocate(values.byteLength)
    this.u32(address, values.length).set(values)
    return address
  }

  #grow(bytes: number): void {
    const missing = Math.ceil((bytes - this.memory.buffer.byteLength) / pageBytes)
    if (missing <= 0) return
    try {
      this.memory.grow(missing)
    } catch (cause) {
      throw new NightjarError('ENGINE_MEMORY', {
        what: `the wasm engine needs ${Math.ceil(bytes / 2 ** 20)} MiB, it can have ${(pagesMax * pageBytes) / 2 ** 20}`,
        why: 'the model does not fit into 32-bit WebAssembly memory, or this machine has too little left',
        fix: 'to train: fewer hidden units (--hidden), smaller blocks (--batch-users, --batch-items), or rarer items left out (--min-count on import); to evaluate or export: fewer --threads, for each ranks in a room of its own',
        cause,
      })
    }
  }
}
