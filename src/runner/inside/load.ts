// Loads a bundle the cheap way. To `import` it would start Node's asynchronous loader, a tenth of a child's start; `require`
// takes modules, too, but for those that await while they load: it refuses them before it runs anything of them.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const awaits = 'ERR_REQUIRE_ASYNC_MODULE'

export function load(bundle: string): unknown {
  try {
    return createRequire(bundle)(bundle)
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === awaits)
      return import(pathToFileURL(bundle).href)
    throw thrown
  }
}
