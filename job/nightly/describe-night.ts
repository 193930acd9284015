import { describeGate } from '../gate/describe-gate.ts'
import { describeHolder } from '../store/lease.ts'
import { joinPlace } from '../store/place.ts'
import type { NightResult } from './nightly.ts'

/** What became of a night, as a person reads it. */
export function describeNight(result: NightResult): string {
  if (result.kind === 'held') {
    return [
      `night      ${result.nightId}`,
      `held       by ${describeHolder(result.heldBy)}, until ${result.heldBy.expiresAt} unless it renews`,
      '           nothing was done here; if that job is dead, the same command takes over then',
    ].join('\n')
  }
  const { state, place, before } = result
  const { outcome, dataset, gate, live } = state
  const next = nextStep(outcome?.kind, before)
  return [
    `night      ${state.nightId}${before ? `, ended before, ${outcome?.endedAt}: nothing was done` : ''}`,
    `outcome    ${outcome?.kind}: ${outcome?.why}`,
    ...(dataset === undefined
      ? []
      : [
          `imported   rows: ${dataset.imported.rows}, new users: ${dataset.imported.users}, new items: ${dataset.imported.items}`,
          ...(dataset.imported.emptyPlaces ?? []).map((empty) => `           nothing lay at ${empty}`),
        ]),
    `live       ${live == null ? 'nothing before this night' : live.versionId}`,
    ...(gate === undefined ? [] : [describeGate(gate)]),
    `written to ${place}`,
    ...(state.report === undefined ? [] : [`report     ${joinPlace(place, state.report.path)}`]),
    ...(next === undefined ? [] : ['', `next: ${next}`]),
  ].join('\n')
}

function nextStep(kind: string | undefined, before: boolean): string | undefined {
  if (kind === 'refused') return 'the reasons above; to publish all the same: the same command with --force'
  // Whoever runs a night by hand twice a day means another one.
  return before
    ? 'what came since is for the next night; to begin one now: --at with the time of day'
    : undefined
}
