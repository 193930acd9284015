import { bucketCountFor, itemsPerBucket, usersPerBucket } from '../../../job/publish/bucket-count.ts'
import { foldInItemsMax, foldInPartItems } from '../../../shared/fold-in-part.ts'
import { assumed } from './assumptions.ts'
import type { BillLine } from './night-cost.ts'
import { cloudflare, freePlanDay, type PlanPrice, paidPlanMonth } from './service-prices.ts'

/** Of a bucket of 64 users with lists of 100 and histories of 50; docs/how-to/serve.md reckons the same. */
export const bucketBytes = 130_000

/** Versions that lie in KV for a while: three that are kept and the new one. */
const versions = 4
const days = 30

/** The keys of a version, and what one night writes and deletes. */
export function keysOf({ users, items }: { users: number; items: number }) {
  const userBuckets = bucketCountFor(users, usersPerBucket)
  const itemBuckets = bucketCountFor(items, itemsPerBucket)
  const foldIn = items <= foldInItemsMax ? 1 + Math.ceil(items / foldInPartItems) : 0
  // And one of what is popular, one of the version itself.
  const version = userBuckets + itemBuckets + foldIn + 2
  return { userBuckets, itemBuckets, version, written: version + 2, deleted: version }
}

/** A month of Cloudflare's paid plan: every user asks for one list a day, and a version is published every night. */
export function kvMonth(shop: { users: number; items: number }): BillLine[] {
  const keys = keysOf(shop)
  const requests = days * shop.users
  const gb = (keys.userBuckets * bucketBytes * versions) / 1e9
  return [
    { what: 'the plan', sum: '', dollars: paidPlanMonth },
    beyond('requests', requests, cloudflare.requests),
    beyond('CPU', requests * assumed.cpuMsPerRequest.value, cloudflare.cpuMs),
    beyond('KV reads, the most', requests * assumed.readsPerRequest.value, cloudflare.kvReads),
    beyond('KV writes', days * keys.written, cloudflare.kvWrites),
    beyond('KV deletes', days * keys.deleted, cloudflare.kvDeletes),
    beyond('KV storage', gb, cloudflare.kvGb),
  ]
}

function beyond(what: string, used: number, { included, dollars, per, unit }: PlanPrice): BillLine {
  const over = Math.max(0, used - included)
  const count = (value: number) =>
    per === 1 ? String(Number(value.toPrecision(3))) : `${Number((value / 1e6).toPrecision(3))} M`
  const asked = `${count(used)} ${unit}`
  return {
    what,
    sum:
      over === 0
        ? `${asked}, of ${count(included)} included`
        : `(${asked} - ${count(included)}) x ${dollars}${per === 1 ? '' : ' a million'}`,
    dollars: (over / per) * dollars,
  }
}

/** Whether the free plan's day is enough: for the night's writes, and for one list a day of every user. */
export function fitsFreePlan(shop: { users: number; items: number }) {
  const keys = keysOf(shop)
  return {
    writes: keys.written <= freePlanDay.kvWrites,
    reads: shop.users * assumed.readsPerRequest.value <= freePlanDay.kvReads,
    storage: (keys.userBuckets * bucketBytes * versions) / 1e9 <= freePlanDay.kvGb,
  }
}
