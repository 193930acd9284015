import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { hostname } from 'node:os'
import { describe, expect, it } from 'vitest'
import { FileStore } from '../../job/store/file-store.ts'
import { acquireLease, type Lease, leaseTtlMs } from '../../job/store/lease.ts'
import { type LeaseHolder, thisProcess } from '../../job/store/lease-holder.ts'
import type { Store } from '../../job/store/store.ts'
import { ManualClock } from '../manual-clock.ts'
import { tempFolder } from '../temp-folder.ts'

const start = '2026-11-26T02:00:00.000Z'
const batch = (id: string, attempt = 1): LeaseHolder => ({
  job: { id, attempt },
  host: 'ip-10-0-0-1',
  process: 7,
})

async function opened() {
  return { store: new FileStore(await tempFolder()), clock: new ManualClock(start) }
}

async function acquired(
  store: Store,
  clock: ManualClock,
  holder: LeaseHolder,
  prefix = 'lease',
): Promise<Lease> {
  const { lease } = await acquireLease(store, prefix, holder, clock)
  if (lease === undefined) throw new Error('not free')
  return lease
}

describe('a lease', () => {
  it("is one job's, of many that try at once, and the others are told whose", async () => {
    const { store, clock } = await opened()
    const tries = await Promise.all(
      Array.from({ length: 8 }, (_, i) => acquireLease(store, 'lease', batch(`job-${i}`), clock)),
    )
    const winners = tries.flatMap(({ lease }, i) => (lease === undefined ? [] : [i]))
    expect(winners).toHaveLength(1)
    for (const { heldBy } of tries.filter(({ lease }) => lease === undefined)) {
      expect(heldBy?.holder.job?.id).toBe(`job-${winners[0]}`)
      expect(heldBy?.expiresAt).toBe(new Date(Date.parse(start) + leaseTtlMs).toISOString())
    }
  })

  it('holds while it is renewed, and is taken over when it ran out', async () => {
    const { store, clock } = await opened()
    const first = await acquired(store, clock, batch('a'))
    for (let minute = 0; minute < 10; minute++) {
      clock.advance(60_000)
      await first.renew()
    }
    expect((await acquireLease(store, 'lease', batch('b'), clock)).heldBy?.holder.job?.id).toBe('a')

    clock.advance(leaseTtlMs + 1000)
    // Another machine's clock may be ahead.
    expect((await acquireLease(store, 'lease', batch('b'), clock)).lease).toBeUndefined()
    clock.advance(30_000)
    const second = await acquired(store, clock, batch('b'))
    expect(second.generation).toBe(2)
    await expect(first.check()).rejects.toMatchObject({
      code: 'LEASE_LOST',
      message: expect.stringContaining('job b (attempt 1) on ip-10-0-0-1, process 7'),
    })
    await expect(first.renew()).rejects.toMatchObject({ code: 'LEASE_LOST' })
    await second.check()
  })

  it('is taken again by a holder that was held up, as long as nobody else took it', async () => {
    const { store, clock } = await opened()
    const lease = await acquired(store, clock, batch('a'))
    clock.advance(leaseTtlMs * 3)
    await lease.check()
    expect(lease.generation).toBe(2)
    await lease.renew()
    expect((await acquireLease(store, 'lease', batch('b'), clock)).heldBy?.generation).toBe(2)
  })

  it('goes from a holder that was held up to just one of it and a taker', async () => {
    const { store, clock } = await opened()
    const lease = await acquired(store, clock, batch('a'))
    clock.advance(leaseTtlMs * 3)
    const [kept, taken] = await Promise.allSettled([
      lease.check(),
      acquireLease(store, 'lease', batch('b'), clock),
    ])
    const taker = taken.status === 'fulfilled' ? taken.value.lease : undefined
    expect([kept.status === 'fulfilled', taker !== undefined].filter(Boolean)).toHaveLength(1)
  })

  it('is free at once when it was given back', async () => {
    const { store, clock } = await opened()
    const first = await acquired(store, clock, batch('a'))
    await first.release()
    const second = await acquired(store, clock, batch('b'))
    expect(second.generation).toBe(2)
    await first.release()
    await second.check()
  })

  it('goes to the next attempt of the same job at once, and to no earlier one', async () => {
    const { store, clock } = await opened()
    await acquired(store, clock, batch('a', 1))
    expect((await acquireLease(store, 'lease', batch('a', 1), clock)).lease).toBeUndefined()
    expect((await acquired(store, clock, batch('a', 2))).generation).toBe(2)
    expect((await acquireLease(store, 'lease', batch('a', 1), clock)).lease).toBeUndefined()
    expect((await acquireLease(store, 'lease', batch('b', 9), clock)).lease).toBeUndefined()
  })

  it('of a killed process of this machine is free at once; of a living one, or one elsewhere, it is not', async () => {
    const { store, clock } = await opened()
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'])
    await once(child, 'spawn')
    const holder = (host: string): LeaseHolder => ({ job: null, host, process: child.pid ?? 0 })
    await acquired(store, clock, holder(hostname()), 'here')
    await acquired(store, clock, holder('elsewhere'), 'there')
    expect((await acquireLease(store, 'here', thisProcess({}), clock)).heldBy?.holder.process).toBe(child.pid)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect((await acquired(store, clock, thisProcess({}), 'here')).generation).toBe(2)
    expect((await acquireLease(store, 'there', thisProcess({}), clock)).lease).toBeUndefined()
  })

  it('knows its job of AWS Batch by the environment', () => {
    expect(thisProcess({ AWS_BATCH_JOB_ID: '4f1c', AWS_BATCH_JOB_ATTEMPT: '2' }).job).toEqual({
      id: '4f1c',
      attempt: 2,
    })
    expect(thisProcess({}).job).toBeNull()
  })

  it('says so where something else lies in its place', async () => {
    const { store, clock } = await opened()
    await store.put('lease/000001.json', new TextEncoder().encode('what is this'))
    await expect(acquireLease(store, 'lease', batch('a'), clock)).rejects.toMatchObject({
      code: 'LEASE_DAMAGED',
    })
  })
})
