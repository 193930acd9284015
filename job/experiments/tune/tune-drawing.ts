import { escaped } from '../../report/html.ts'
import { at, type Drawing, line, text } from '../drawing.ts'
import type { TuneResult } from './tune.ts'

const panel = { width: 300, height: 170, left: 52, bottom: 34, top: 26, right: 14 }
const perRow = 2

/** One panel an option that was searched: what it was in each trial, and what that trial reached. */
export function tuneDrawing({ plan, ranking }: Pick<TuneResult, 'plan' | 'ranking'>): Drawing {
  const searched = Object.keys(plan.trials[0] ?? {}).filter(
    (name) => new Set(plan.trials.map((options) => String(options[name]))).size > 1,
  )
  const worths = ranking.flatMap(({ best }) => (best === null ? [] : [best.ndcg10]))
  const [low, high] = [Math.min(...worths), Math.max(...worths)]
  const rows = Math.ceil(searched.length / perRow)
  const [first] = ranking
  const told = `${ranking.length} trials of ${plan.model}; best held-out NDCG@10 ${first?.best?.ndcg10.toFixed(4)}`
  return {
    id: 'tune',
    width: perRow * panel.width,
    height: 30 + Math.max(1, rows) * panel.height,
    title: `What a search of ${plan.model} found`,
    description: `${told} with ${searched.map((name) => `${name} ${String(first?.options[name])}`).join(', ')}.`,
    body: [
      text(panel.left, 18, told, 'strong'),
      ...searched.flatMap((name, n) => {
        const corner = { x: (n % perRow) * panel.width, y: 30 + Math.floor(n / perRow) * panel.height }
        const trials = ranking.flatMap(({ best, options }, rank) =>
          best === null ? [] : [{ value: options[name], worth: best.ndcg10, isBest: rank === 0 }],
        )
        return optionPanel(name, trials, [low, high], corner)
      }),
    ],
  }
}

function optionPanel(
  name: string,
  trials: readonly { value: unknown; worth: number; isBest: boolean }[],
  [low, high]: [number, number],
  corner: { x: number; y: number },
): string[] {
  const { place, ticks } = scaleOf(trials.map(({ value }) => value))
  const across = (share: number) =>
    corner.x + panel.left + 8 + share * (panel.width - panel.left - panel.right - 16)
  const down = (worth: number) =>
    corner.y +
    panel.height -
    panel.bottom -
    6 -
    ((worth - low) / (high - low || 1)) * (panel.height - panel.top - panel.bottom - 12)
  const ground = corner.y + panel.height - panel.bottom
  const left = corner.x + panel.left
  return [
    text(left, corner.y + 16, name, 'strong'),
    line(left, ground, corner.x + panel.width - panel.right, ground, 'grid'),
    ...[low, high].flatMap((worth) => [
      line(left, down(worth), corner.x + panel.width - panel.right, down(worth), 'grid'),
      text(left - 6, down(worth) + 4, worth.toFixed(4), 'soft end'),
    ]),
    ...ticks.map((value) => text(across(place(value)), ground + 16, shown(value), 'soft middle')),
    // The best on top of the others.
    ...[...trials].reverse().map(({ value, worth, isBest }) => {
      const title = `<title>${escaped(`${name} ${shown(value)}: ${worth.toFixed(4)}`)}</title>`
      const looks = isBest ? 'class="mark" r="6"' : 'class="accent" r="3.5"'
      return `<circle cx="${at(across(place(value)))}" cy="${at(down(worth))}" ${looks}>${title}</circle>`
    }),
  ]
}

/** Numbers lie where they lie, on a logarithm where they span ten times and more; anything else at equal distances. */
function scaleOf(values: readonly unknown[]): { place: (value: unknown) => number; ticks: unknown[] } {
  const numbers = values.filter((value) => typeof value === 'number')
  const different = [...new Set(values)]
  if (numbers.length < values.length || different.length < 2) {
    const order = different.sort()
    return {
      place: (value) => (order.length < 2 ? 0.5 : order.indexOf(value) / (order.length - 1)),
      ticks: order,
    }
  }
  const [from, to] = [Math.min(...numbers), Math.max(...numbers)]
  const onLog = from > 0 && to / from >= 10
  const lie = (value: number) => (onLog ? Math.log(value) : value)
  const place = (value: unknown) => (lie(value as number) - lie(from)) / (lie(to) - lie(from))
  const middle = onLog ? Math.sqrt(from * to) : (from + to) / 2
  const few = (different as number[]).sort((a, b) => a - b)
  return { place, ticks: few.length <= 4 ? few : [from, Number(middle.toPrecision(2)), to] }
}

function shown(value: unknown): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(3))) : String(value)
}
