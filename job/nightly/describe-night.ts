import { describeGate } from '../gate/describe-gate.ts'
import { describeHolder } from '../store/lease.ts'
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
  const refused = outcome?.kind === 'refused'
  return [
    `night      ${state.nightId}${before ? `, ended before, ${outcome?.endedAt}: nothing was done` : ''}`,
    `outcome    ${outcome?.kind}: ${outcome?.why}`,
    ...(dataset === undefined
      ? []
      : [
          `imported   ${dataset.imported.rows} rows, ${dataset.imported.users} new users, ${dataset.imported.items} new items`,
        ]),
    `live       ${live == null ? 'nothing before this night' : live.versionId}`,
    ...(gate === undefined ? [] : [describeGate(gate)]),
    `written to ${place}`,
    ...(refused
      ? ['', `next: the reasons above; to publish all the same: the same command with --force`]
      : []),
  ].join('\n')
}
