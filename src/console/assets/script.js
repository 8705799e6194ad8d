// What pages do besides being read: times in the reader's zone, and the parts of a page that change brought up to date when the server
// says that something has changed. Without it everything is there and works, as of when the page was loaded.
;(() => {
  const units = [
    [60, 1, 's'],
    [3600, 60, 'm'],
    [172800, 3600, 'h'],
    [Infinity, 86400, 'd'],
  ]
  function words(date) {
    const seconds = (date - Date.now()) / 1000
    const distance = Math.abs(seconds)
    if (distance < 5) return seconds > 0 ? 'in a moment' : 'just now'
    const [, size, unit] = units.find(([below]) => distance < below)
    const said = `${Math.floor(distance / size)} ${unit}`
    return seconds > 0 ? `in ${said}` : `${said} ago`
  }
  function tellTimes(inside) {
    for (const time of inside.querySelectorAll('time[datetime]')) {
      const date = new Date(time.dateTime)
      if (Number.isNaN(date.getTime())) continue
      time.title = date.toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'long' })
      if (time.dataset.absolute === undefined) time.textContent = words(date)
    }
  }
  tellTimes(document)
  setInterval(() => tellTimes(document), 15000)

  const address = document.body.dataset.live
  if (!address || !window.EventSource) return
  let busy = false
  let again = false
  const atEnd = element => element.scrollHeight - element.scrollTop - element.clientHeight < 40

  async function refresh() {
    if (busy) {
      again = true
      return
    }
    busy = true
    try {
      const response = await fetch(location.href, { credentials: 'same-origin', headers: { 'x-live': '1' } })
      if (!response.ok || response.redirected) return
      const fresh = new DOMParser().parseFromString(await response.text(), 'text/html')
      for (const old of document.querySelectorAll('[data-part]')) {
        const next = fresh.getElementById(old.id)
        if (!next || next.innerHTML === old.innerHTML) continue
        // What somebody is typing in, or has opened, is theirs.
        if (old.contains(document.activeElement) && document.activeElement.matches('input, textarea, select'))
          continue
        const follows = old.matches('.log') && atEnd(old)
        tellTimes(next)
        old.replaceChildren(...next.childNodes)
        if (follows) old.scrollTop = old.scrollHeight
      }
      document.title = fresh.title
    } finally {
      busy = false
      if (again) {
        again = false
        setTimeout(refresh, 500)
      }
    }
  }
  for (const log of document.querySelectorAll('.log[data-part]')) log.scrollTop = log.scrollHeight
  const events = new EventSource(address)
  events.addEventListener('changed', () => void refresh().catch(() => {}))
  events.addEventListener('over', () => events.close())
})()
