// Of questions that come while the same one is asked, the next asking is shared: many at once cost two, and each is answered by
// one that began after it came, as if it had been asked alone. Nothing is remembered.

export function shareNext<K, T>(ask: (key: K) => Promise<T>): (key: K) => Promise<T> {
  const underWay = new Map<K, Promise<void>>()
  const next = new Map<K, Promise<T>>()
  const start = (key: K): Promise<T> => {
    next.delete(key)
    const asked = ask(key)
    const ended = asked.then(
      () => {},
      () => {},
    )
    const done = ended.then(() => {
      if (underWay.get(key) === done) underWay.delete(key)
    })
    underWay.set(key, done)
    return asked
  }
  return key => {
    const shared = next.get(key)
    if (shared) return shared
    const before = underWay.get(key)
    if (!before) return start(key)
    const after = before.then(() => start(key))
    next.set(key, after)
    return after
  }
}
