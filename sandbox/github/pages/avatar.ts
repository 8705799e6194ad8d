// A face for every login: its first letter on a colour of its own. Pure.
import { type Html, html } from '../../html.ts'

export function avatarPicture(login: string): Html {
  let hash = 7
  for (const character of login) hash = (hash * 31 + character.charCodeAt(0)) % 360
  const letter = login.charAt(0).toUpperCase()
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" fill="hsl(${hash} 45% 48%)"/><text x="20" y="21" font-family="system-ui, sans-serif" font-size="20" font-weight="600" fill="#fff" text-anchor="middle" dominant-baseline="central">${letter}</text></svg>`
}
