import { render } from 'hono/jsx/dom'
import { FindUser } from './find-user.tsx'
import { Page } from './page.tsx'

function draw(selector: string, part: Parameters<typeof render>[0]): void {
  const place = document.querySelector<HTMLElement>(selector)
  if (place !== null) render(part, place)
}

draw('#find', <FindUser />)
draw('#main', <Page />)
