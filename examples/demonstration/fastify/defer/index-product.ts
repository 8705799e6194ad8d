import { defer } from '@defer/client'

async function indexProduct(name: string): Promise<string[]> {
  return name.toLowerCase().split(/\W+/).filter(Boolean)
}

export default defer(indexProduct, { concurrency: 10, retry: true })
