import type { RequestFacts } from './request-facts.ts'

/**
 * A request in Workers Analytics Engine. The order is an interface: queries know columns by their place, so new
 * ones go to the end. `docs/reference/operations.md` has the table, and queries.
 *
 * The index is the route: where the platform samples, a rare route keeps more of its points than a busy one.
 */
export function dataPoint(facts: RequestFacts): AnalyticsEngineDataPoint {
  return {
    indexes: [facts.route.slice(0, 96)],
    blobs: [
      facts.route,
      facts.method,
      facts.code ?? '',
      facts.source ?? '',
      facts.versionId ?? '',
      facts.key ?? '',
      facts.level,
    ],
    doubles: [facts.status, facts.ms, facts.kvReads, facts.cacheHits],
  }
}
