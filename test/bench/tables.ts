import type { EpochTime } from './epochs.ts'
import type { Peaks } from './peaks.ts'
import type { Phase } from './phases.ts'
import type { Spread } from './spread.ts'

export function peakLines(peaks: Peaks, tables: readonly number[]): string[] {
  const gathers = tables.map((rows) => `${peaks.gatherGBs(rows).toFixed(1)} from ${rows}`)
  return [
    'peaks of one core, 128-bit vectors in WebAssembly',
    `  SIMD dot     ${peaks.dotGflops.toFixed(1)} GF/s (four rows against one ${peaks.fourDotsGflops.toFixed(1)}, tiled ${peaks.tiledGflops.toFixed(1)})`,
    `  gather       GB/s by rows of the table: ${gathers.join(', ')}`,
    `  memory copy  ${peaks.copyGBs.toFixed(1)} GB/s copied`,
  ]
}

export function phaseTable(phases: readonly Phase[], stepMs: Spread): string[] {
  const lines = ['mean step on one thread       ms (min-max)         achieved   of peak']
  for (const { name, ms, achieved, unit, peak, share, counted } of phases) {
    const figures =
      achieved === undefined || peak === undefined || share === undefined
        ? ''
        : `${achieved.toFixed(1).padStart(6)} ${unit}  ${(100 * share).toFixed(0).padStart(5)} %`
    lines.push(`  ${name.padEnd(27)} ${range(ms).padEnd(20)} ${figures}`.trimEnd())
    lines.push(...wrapped(counted, '    '))
  }
  lines.push(`  ${'whole step, all active'.padEnd(27)} ${range(stepMs)}`)
  return lines
}

export function epochTable(times: readonly EpochTime[]): string[] {
  const first = times[0]
  const lines = ['an epoch                               step ms (min-max)       epoch s   times']
  for (const { engine, stepMs, epochMs, whole } of times) {
    const epoch = `${whole ? '' : '~'}${(epochMs / 1000).toFixed(2)}`
    const ratio = (epochMs / first.epochMs).toFixed(epochMs < 10 * first.epochMs ? 2 : 0)
    lines.push(`  ${engine.padEnd(36)} ${range(stepMs).padEnd(22)} ${epoch.padStart(8)} ${ratio.padStart(7)}`)
  }
  lines.push('  (~: reckoned from a step. wasm by the training loop, sampling included; medians)')
  return lines
}

function range({ median, min, max }: Spread): string {
  const digits = median < 100 ? 2 : 0
  return `${median.toFixed(digits)} (${min.toFixed(digits)}-${max.toFixed(digits)})`
}

/** A text in lines of at most 80 columns. */
function wrapped(text: string, indent: string): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > 80) lines.push(indent + word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}
