// Lists that are read again and again: a page that has not changed is answered 304 by GitHub, which costs nothing of the rate
// limit, and what it held is remembered here. Only what the caller picked of a page is kept.
import { statusOf } from './api-error.ts'
import type { Octokit } from './client.ts'

export interface Requests {
  request: Octokit['request']
}

export interface Conditional {
  /** The pages in order, each asked for when the one before has been looked at. */
  pages<T>(octokit: Requests, url: string, pick: (data: unknown) => T[]): AsyncGenerator<T[]>
  /** Every entry of every page. @throws when a single page cannot be had: a partial list is none. */
  all<T>(octokit: Requests, url: string, pick: (data: unknown) => T[]): Promise<T[]>
}

interface Page {
  etag: string | undefined
  items: unknown[]
  next: string | null
}

const maxPages = 2_000

export function createConditional(): Conditional {
  const known = new Map<string, Page>()
  async function read<T>(octokit: Requests, url: string, pick: (data: unknown) => T[]): Promise<Page> {
    const before = known.get(url)
    const page = await ask(octokit, url, pick, before)
    known.delete(url) // the last one asked for is the last to be forgotten
    known.set(url, page)
    for (const oldest of known.keys()) {
      if (known.size <= maxPages) break
      known.delete(oldest)
    }
    return page
  }
  async function* pages<T>(octokit: Requests, url: string, pick: (data: unknown) => T[]) {
    for (let at: string | null = url; at !== null; ) {
      const page: Page = await read(octokit, at, pick)
      yield page.items as T[] // of the same address, so picked by the same function
      at = page.next
    }
  }
  return {
    pages,
    async all<T>(octokit: Requests, url: string, pick: (data: unknown) => T[]) {
      const items: T[] = []
      for await (const page of pages(octokit, url, pick)) items.push(...page)
      return items
    },
  }
}

async function ask(
  octokit: Requests,
  url: string,
  pick: (data: unknown) => unknown[],
  before: Page | undefined,
): Promise<Page> {
  const headers = before?.etag ? { 'if-none-match': before.etag } : {}
  try {
    const answer = await octokit.request({ method: 'GET', url, headers })
    return { etag: answer.headers.etag, items: pick(answer.data), next: nextOf(answer.headers.link) }
  } catch (error) {
    if (before && statusOf(error) === 304) return before
    throw error
  }
}

/** Of a Link header. */
export function nextOf(link: string | undefined): string | null {
  return /<([^>]+)>;\s*rel="next"/.exec(link ?? '')?.[1] ?? null
}
