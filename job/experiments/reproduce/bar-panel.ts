import { at, type Drawing, line, text } from '../drawing.ts'
import { metricText } from './figure-text.ts'
import type { OverSeeds } from './results.ts'

/** A bar, or why there is none. */
interface Bar {
  label: string
  ours?: OverSeeds | undefined
  printed?: number | undefined
  isAccent: boolean
}

/** Bars on one length of list. */
export interface BarGroup {
  /** `Precision@10` */
  label: string
  bars: Bar[]
}

const width = 360
const [left, right] = [94, 304]
const [rowHeight, groupHead, top] = [19, 34, 34]

/**
 * Groups of horizontal bars below each other, on one scale: a system is a row, so that its name stands beside its bar
 * and no colour has to be looked up. A whisker is one standard deviation of seeds to either side, a diamond what is printed.
 */
export function barPanel(id: string, title: string, groups: readonly BarGroup[]): Drawing {
  const most = Math.max(
    ...groups.flatMap(({ bars }) =>
      bars.map(({ ours, printed }) => Math.max(ours ? ours.mean + (ours.deviation ?? 0) : 0, printed ?? 0)),
    ),
  )
  const step = roundStep(most)
  const end = step * Math.max(1, Math.ceil(most / step - 1e-9))
  const x = (value: number) => left + (value / end) * (right - left)
  const body = [text(0, 16, title, 'strong')]
  let y = top
  for (const { label, bars } of groups) {
    const [first, last] = [y + groupHead - 8, y + groupHead + bars.length * rowHeight]
    body.push(text(left, y + 14, label))
    for (let tick = 0; tick <= Math.round(end / step); tick++) {
      body.push(line(x(tick * step), first, x(tick * step), last, 'grid'))
      body.push(text(x(tick * step), last + 13, metricTick(tick * step, step), 'soft middle'))
    }
    bars.forEach((bar, n) => {
      body.push(...drawnBar(bar, y + groupHead + n * rowHeight, x))
    })
    y = last + 30
  }
  body.push(...legend(groups, y))
  return { id, width, height: y + 8, title, description: described(groups), body }
}

/** Of the marks that there are. */
function legend(groups: readonly BarGroup[], y: number): string[] {
  const bars = groups.flatMap((group) => group.bars)
  const hasPrinted = bars.some(({ printed }) => printed !== undefined)
  const x = left + (hasPrinted ? 78 : 0)
  return [
    ...(hasPrinted ? [diamond(left, y - 4), text(left + 12, y, 'printed', 'soft')] : []),
    ...(bars.some(({ ours }) => ours?.deviation !== undefined)
      ? [line(x, y - 4, x + 20, y - 4, 'whisker'), text(x + 26, y, '± deviation over seeds', 'soft')]
      : []),
  ]
}

function drawnBar(
  { label, ours, printed, isAccent }: Bar,
  y: number,
  x: (value: number) => number,
): string[] {
  const middle = y + rowHeight / 2 - 1
  const mark = printed === undefined ? [] : [diamond(x(printed), middle)]
  const name = text(left - 8, middle + 4, label, isAccent ? 'end strong' : 'end')
  if (ours === undefined) {
    // Beside the diamond, not on it.
    const free = printed === undefined || x(printed) > left + 56 ? left + 4 : x(printed) + 10
    return [name, text(free, middle + 4, 'not run', 'soft'), ...mark]
  }
  const { mean, deviation } = ours
  const tip = Math.max(x(mean + (deviation ?? 0)), printed === undefined ? 0 : x(printed) + 5)
  return [
    name,
    `<rect x="${left}" y="${at(y + 2)}" width="${at(x(mean) - left)}" height="${rowHeight - 6}" class="${isAccent ? 'accent' : 'bar'}"/>`,
    ...(deviation === undefined
      ? []
      : [line(x(Math.max(0, mean - deviation)), middle, x(mean + deviation), middle, 'whisker')]),
    ...mark,
    text(tip + 6, middle + 4, metricText(mean), isAccent ? 'strong' : ''),
  ]
}

function diamond(x: number, y: number): string {
  const path = `d="M${at(x)} ${at(y - 5)}l5 5l-5 5l-5 -5z"`
  // A rim of the ground's colour sets it off from the bar below.
  return `<path ${path} class="halo"/><path ${path} class="mark"/>`
}

/** 1, 2 or 5 times a power of ten, for three to six ticks. */
function roundStep(most: number): number {
  if (!(most > 0)) return 1
  const rough = most / 4
  const power = 10 ** Math.floor(Math.log10(rough))
  return power * ([1, 2, 5, 10].find((times) => times * power >= rough) ?? 10)
}

function metricTick(value: number, step: number): string {
  const digits = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9))
  return value === 0 ? '0' : value.toFixed(digits).replace(/^0/, '')
}

function described(groups: readonly BarGroup[]): string {
  return groups
    .map(({ label, bars }) => {
      const list = bars.map((bar) => {
        const printed = bar.printed === undefined ? '' : ` (printed ${metricText(bar.printed)})`
        return `${bar.label} ${bar.ours === undefined ? 'not run' : metricText(bar.ours.mean)}${printed}`
      })
      return `${label}: ${list.join(', ')}.`
    })
    .join(' ')
}
