import { drawChart } from './draw-chart.ts'
import { escaped } from './html.ts'
import type { Figure } from './report-section.ts'
import { tableElement } from './text-table.ts'

/** What charts add to a page's style. */
export const chartStyle = `
.charts { display: grid; gap: 12px 32px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); align-items: start; }
figure { margin: 12px 0; min-width: 0; }
figcaption { font-weight: 600; font-size: .875rem; margin-bottom: 6px; }
figure svg { display: block; max-width: 100%; height: auto; }
@media print { .charts { display: block; } figure { break-inside: avoid; margin-bottom: 12px; } }
`

/** Charts beside each other where there is room, each with its title above and its figures below it. */
export async function chartElements(figures: readonly Figure[], section: string): Promise<string[]> {
  const drawn: string[] = []
  for (const { chart, table } of figures) {
    drawn.push(
      `<figure>`,
      `<figcaption>${escaped(chart.title)}</figcaption>`,
      await drawChart(chart),
      ...(table === undefined
        ? []
        : ['<details><summary>The figures</summary>', tableElement(table, section, chart.id), '</details>']),
      '</figure>',
    )
  }
  return drawn.length === 0 ? [] : ['<div class="charts">', ...drawn, '</div>']
}
