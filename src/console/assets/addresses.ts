// Where the style, the script and the icon are: their digest is part of the address, so that a browser keeps them for ever and
// still has the new one when it changes.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

const files = { style: 'style.css', script: 'script.js', icon: 'icon.svg' } as const
const types = { style: 'text/css', script: 'text/javascript', icon: 'image/svg+xml' } as const
type Name = keyof typeof files

export interface Asset {
  name: Name
  type: string
  content: Buffer
  path: string
}

export const assets: readonly Asset[] = (Object.keys(files) as Name[]).map(name => {
  const content = readFileSync(new URL(files[name], import.meta.url))
  const digest = createHash('sha256').update(content).digest('hex').slice(0, 16)
  return {
    name,
    type: `${types[name]}; charset=utf-8`,
    content,
    path: `/console/assets/${digest}/${files[name]}`,
  }
})

const pathOf = (name: Name) => assets.find(asset => asset.name === name)?.path ?? ''

export const addresses = { style: pathOf('style'), script: pathOf('script'), icon: pathOf('icon') }
