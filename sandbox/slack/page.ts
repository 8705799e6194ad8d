// The page of the workspace.

import { html } from '../html.ts'
import { page, type Reply } from '../http/reply.ts'
import type { Workspace } from './workspace.ts'

export type PageQuery = { user: string | null; answered: string | null }

export function workspacePage(workspace: Workspace, query: PageQuery): Reply {
  return page(html`<p>${workspace.url} ${query.user}</p>`)
}

export async function pressFromPage(_workspace: Workspace, _body: unknown): Promise<Reply> {
  return page(html``)
}
