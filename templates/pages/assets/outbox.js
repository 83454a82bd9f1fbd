// Keeps the list of caught mails up to date while the page is open.
const RETRY_MS = 1000
// Beside this file's folder, wherever the site lies.
const OUTBOX = new URL('../outbox/', document.currentScript.src)
const list = document.querySelector('#mails')
if (list) {
  let latest = list.dataset.version
  let busy = false

  // One fetch at a time, so that an older list never comes after a newer one.
  const refresh = async () => {
    if (busy) return
    busy = true
    while (list.dataset.version !== latest) {
      const version = latest
      const html = await fetch(new URL('list', OUTBOX)).then((response) => response.ok && response.text()).catch(() => false)
      if (html === false) {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
        continue
      }
      list.innerHTML = html
      list.dataset.version = version
    }
    busy = false
  }

  const events = new EventSource(new URL('events', OUTBOX))
  events.addEventListener('mail', ({ data }) => {
    latest = data
    refresh()
  })
}
