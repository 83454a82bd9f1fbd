// Tells dates and times the way the browser's language does. Without it they stand there in English.
const languages = navigator.languages.length > 0 ? [...navigator.languages] : undefined
const SHAPES = {
  moment: { weekday: 'long', month: 'long', day: 'numeric', hour: 'numeric', minute: '2-digit' },
  date: { weekday: 'long', month: 'long', day: 'numeric' },
  dated: { month: 'long', day: 'numeric', year: 'numeric' },
  weekday: { weekday: 'short' },
}
for (const time of document.querySelectorAll('time[data-show]')) {
  // A date has no zone: it is read, and told, in UTC.
  const format = new Intl.DateTimeFormat(languages, { ...SHAPES[time.dataset.show], timeZone: time.dataset.zone ?? 'UTC' })
  time.textContent = format.format(new Date(time.dateTime))
  time.lang = format.resolvedOptions().locale
}
