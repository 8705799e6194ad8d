// A table of routes: method, path with `:names` (`:name*` also matches slashes), handler. First match wins.
// `Context` is what a server adds to each call (who calls, for example).
import type { IncomingHttpHeaders } from 'node:http'

type Name<Text extends string> = Text extends `${infer Plain}*` ? Plain : Text

export type Names<Path extends string> = Path extends `${infer Head}/${infer Rest}`
  ? Names<Head> | Names<Rest>
  : Path extends `${string}:${infer Text}`
    ? Name<Text>
    : never

export type Call<Params extends string = string> = {
  method: string
  path: string
  url: URL
  query: URLSearchParams
  params: Record<Params, string>
  headers: IncomingHttpHeaders
  body: unknown
  replyHeaders: Record<string, string>
}

type Handler<Context, Params extends string> = (call: Call<Params> & Context) => unknown

type Route<Context> = { method: string; pattern: RegExp; handler: Handler<Context, string> }

export type Match<Context> = { handler: Handler<Context, string>; params: Record<string, string> }

export class Routes<Context> {
  readonly #routes: Route<Context>[] = []

  add<Path extends string>(method: string, path: Path, handler: Handler<Context, Names<Path>>): void {
    // The pattern has exactly the names the handler was typed with, so the wider type is safe.
    this.#routes.push({ method, pattern: patternOf(path), handler: handler as Handler<Context, string> })
  }

  find(method: string, path: string): Match<Context> | null {
    for (const route of this.#routes) {
      if (route.method !== method) continue
      const found = route.pattern.exec(path)
      if (found) return { handler: route.handler, params: decode(found.groups ?? {}) }
    }
    return null
  }
}

function patternOf(path: string): RegExp {
  const pattern = path.replace(/:(\w+)(\*?)/g, (_, name: string, star: string) =>
    star ? `(?<${name}>.+)` : `(?<${name}>[^/]+)`,
  )
  return new RegExp(`^${pattern}$`)
}

function decode(groups: Record<string, string | undefined>): Record<string, string> {
  const params: Record<string, string> = {}
  for (const [name, text] of Object.entries(groups)) params[name] = decodePart(text ?? '')
  return params
}

function decodePart(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
