import { defer } from '@defer/client'
import renderToString from 'preact-render-to-string'
import { Menu } from '@/components/menu'

async function mailMenu(dishes: string[]) {
  const html = renderToString(<Menu dishes={dishes} />)
  return { html: html.replace(/ src="[^"]*"/, ''), withPicture: html.includes('data:image/svg+xml') }
}

export default defer(mailMenu, { retry: 3 })
