// Follows the author's files: shows the page anew when one is saved, with the view that was chosen and where it was.
const KEPT = 'preview-view'
const chosen = sessionStorage.getItem(KEPT)
if (chosen) document.getElementById(chosen)?.click()
for (const tab of document.querySelectorAll('.tabs > input'))
  tab.addEventListener('change', () => sessionStorage.setItem(KEPT, tab.id))
for (const field of document.querySelectorAll('.samples select, .samples input'))
  field.addEventListener('change', () => field.form.requestSubmit())
new EventSource('/events').addEventListener('saved', () => location.reload())
