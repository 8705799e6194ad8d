// That a token was used is written at most twice a minute by each process; nothing depends on it, so nothing waits for it.

const againMs = 30_000
const mostKept = 10_000

export function createNoteUse(write: (id: string) => Promise<void>): (id: string) => void {
  const written = new Map<string, number>()
  return id => {
    const now = performance.now()
    if (now - (written.get(id) ?? -againMs) < againMs) return
    if (written.size >= mostKept) written.clear()
    written.set(id, now)
    void write(id).catch(() => {})
  }
}
