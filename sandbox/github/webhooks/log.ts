// The delivery records on disk: one JSON line each, shortened at start to what GitHub would still show.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Delivery } from './deliveries.ts'

export type DeliveryLog = { append(delivery: Delivery): void; newestFirst(): Delivery[] }

const kept = 2000

export function openLog(dir: string): DeliveryLog {
  const path = join(dir, 'deliveries.jsonl')
  const records = read(path).slice(-kept)
  writeFileSync(path, records.map(line).join(''), { mode: 0o600 })
  return {
    append(delivery) {
      records.push(delivery)
      if (records.length > kept) records.shift()
      appendFileSync(path, line(delivery))
    },
    newestFirst: () => [...records].reverse(),
  }
}

const line = (delivery: Delivery) => `${JSON.stringify(delivery)}\n`

function read(path: string): Delivery[] {
  const records: Delivery[] = []
  for (const text of readText(path).split('\n')) {
    const record = parse(text)
    if (record) records.push(record)
  }
  return records
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** A process killed while appending leaves half a line; that record is lost, nothing else. */
function parse(text: string): Delivery | null {
  try {
    // Only this module writes the file.
    return JSON.parse(text) as Delivery
  } catch {
    return null
  }
}
