import * as z from 'zod'

const share = z.number().min(0).max(1)

const interval = z.object({ low: z.number(), high: z.number() })

const listFacts = z.object({
  lists: z.number().int(),
  empty: z.number().int(),
  withSeen: z.number().int(),
  commonest: z.object({ item: z.number().int(), share, amongWithout: share }),
  coverage: share,
})

/** Why a gate stays shut: a stable code, and plain words. */
export const refusal = z.object({
  code: z.enum([
    'NO_USERS',
    'WORSE',
    'COVERAGE',
    'STALE',
    'EMPTY_LISTS',
    'SEEN_ITEMS',
    'ONE_ITEM_EVERYWHERE',
  ]),
  what: z.string(),
  fix: z.string(),
})
export type Refusal = z.infer<typeof refusal>

/** What the gate found. */
export const gateReport = z.object({
  passed: z.boolean(),
  /** Published in spite of refusals, by `--force`. */
  forced: z.boolean(),
  /**
   * `new-rows`: on what was imported since the live version; `common-reduced-set`: both configurations trained again on one
   * reduced set, for too few users had new rows.
   */
  mode: z.enum(['new-rows', 'common-reduced-set']),
  liveVersion: z.string(),
  /** Users that the contenders were compared on, and how many had new rows. */
  users: z.number().int(),
  usersWithNewRows: z.number().int(),
  /** Of the reduced set: both configurations are one, and so are their lists. */
  sameConfiguration: z.boolean(),
  ndcg10: z.object({ live: z.number(), candidate: z.number() }),
  /** Candidate less live, and the bound that 95 % of its resampled means lie above. */
  difference: z.number(),
  lowerBound: z.number(),
  /** 95 % between the bounds, by a paired bootstrap over the users; absent in older reports, and without users. */
  intervals: z.object({ live: interval, candidate: interval, difference: interval }).optional(),
  /** The most popular items for everybody, on the same rows: NDCG@10, and by how much the candidate is better. */
  popularity: z.object({ ndcg10: z.number(), interval, lead: z.number(), leadInterval: interval }).optional(),
  /** The bound must be above minus this: a share of the live version's NDCG@10. */
  margin: z.object({ share: z.number(), ndcg10: z.number() }),
  coverage: z.object({ live: share, candidate: share, atLeast: share }),
  dataCutoff: z.object({ live: z.string(), candidate: z.string() }),
  lists: listFacts,
  refusals: z.array(refusal),
})
export type GateReport = z.infer<typeof gateReport>
