// Keeps the list of caught mails up to date while the page is open.
const list = document.querySelector('#mails')
if (list) {
  const events = new EventSource('/outbox/events')
  events.addEventListener('mail', async ({ data }) => {
    if (data === list.dataset.newest) return
    const response = await fetch('/outbox/list')
    if (!response.ok) return
    list.innerHTML = await response.text()
    list.dataset.newest = data
  })
}
