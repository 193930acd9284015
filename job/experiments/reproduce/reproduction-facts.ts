import type { MetricsAtK } from '../../evaluate/metrics.ts'
import { type K, ks } from './outcome.ts'
import type { Reproduction } from './report-content.ts'
import { hasRun, type NotRun, type OverSeeds, overSeeds, type SystemResult } from './results.ts'
import { secondsOf } from './run-section.ts'

/** A reproduction for machines: figures over seeds in full, users' own values left out. */
export function reproductionFacts({ version, commit, at, data, tables, verdicts, nearness }: Reproduction) {
  return {
    ...{ version, commit, at },
    data: data.map(({ label, printed, split, systems }) => ({
      label,
      printed: printed ?? null,
      ...(split === undefined
        ? { notRun: 'no folder of this data was given' }
        : { folder: split.name, digest: split.digest, counts: split.counts }),
      systems: Object.fromEntries([...systems].map(([name, result]) => [name, systemFacts(result)])),
    })),
    tables,
    verdicts: verdicts.map(({ claim, data: on, ...verdict }) => ({ ...claim, data: on.label, ...verdict })),
    baselines: nearness.map(({ data: on, ...near }) => ({ data: on.label, ...near })),
  }
}

function systemFacts(result: SystemResult | NotRun) {
  if (!hasRun(result)) return result
  const { model, options, epochs } = result.outcomes[0].facts
  return {
    ...{ model, options, epochs, ...result.source },
    seeds: result.outcomes.map(({ facts }) => facts.seed),
    seconds: secondsOf(result),
    metrics: Object.fromEntries(ks.map((k) => [k, metricsAt(result, k)])),
  }
}

function metricsAt(result: SystemResult, k: K) {
  const names = ['precision', 'recall', 'f1', 'ndcg'] as const satisfies (keyof MetricsAtK)[]
  return Object.fromEntries(names.map((name) => [name, overSeeds(result, name, k)])) as Record<
    keyof MetricsAtK,
    OverSeeds
  >
}
