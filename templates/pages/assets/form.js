// Asks for what stands on the page now, never for a live collection (labels, elements, options): WebKitGTK 2.50 ends
// the process of a page where one of these outlives what it has looked at.

// Puts the cursor where the page opens, for browsers that only scroll there: at what is wrong with a form, if anything.
const meet = (place) => {
  place?.focus({ preventScroll: true })
  place?.scrollIntoView({ block: 'start' })
}
const target = () => document.querySelector(':target')
meet(document.getElementById('fault') ?? target())
// Safari gives a field that a link leads to its ring and no caret: what is typed then is lost.
const giveCaret = () => {
  const { activeElement: field } = document
  if (!field.form || field !== target()) return
  field.blur()
  field.focus({ preventScroll: true })
}
addEventListener('load', giveCaret)
addEventListener('hashchange', () => {
  meet(target())
  giveCaret()
})

// Presets the time zone from the browser where nobody has chosen one. The form works without it. Where a message
// asks for the zone, it stays for the person to choose; so it does where the browser hides where it is, or knows only
// how far it is from UTC.
const zoneHere = () => {
  const { timeZone = '' } = Intl.DateTimeFormat().resolvedOptions()
  return /^(etc\/)?(utc|uct|gmt|gmt[+-]?0|zulu|universal|greenwich)$|^[+-]00:00$/i.test(timeZone) ? 'UTC' : timeZone
}
const isPlace = (zone) => /^(UTC$|(?!Etc\/)[A-Za-z_]+\/)/.test(zone)
for (const select of document.querySelectorAll('select[data-guess]:not([aria-invalid])')) {
  if (select.value) continue
  const zone = zoneHere()
  const known = [...select.querySelectorAll('option')].find(({ value, dataset }) => value === zone || dataset.was === zone)
  if (!known && !isPlace(zone)) continue
  if (!known) select.add(new Option(zone, zone))
  select.value = known ? known.value : zone
}

// A short form does not ask for the zone; without scripts it is asked for afterwards.
for (const input of document.querySelectorAll('input[data-zone]')) input.value = zoneHere()

// An empty date is drawn by Safari as today's, in grey: the style sheet leaves it blank.
for (const input of document.querySelectorAll('input[type="date"]')) {
  const draw = () => input.classList.toggle('empty', !input.value && !input.validity.badInput)
  for (const event of ['input', 'change', 'blur']) input.addEventListener(event, draw)
  addEventListener('pageshow', draw)
  draw()
}

// A date or a time that was typed in part is sent as nothing, and the server cannot tell it from none.
for (const template of document.querySelectorAll('form template.half')) {
  const form = template.parentElement
  form.addEventListener('submit', (event) => {
    if (event.submitter?.formNoValidate) return
    const half = [...form.querySelectorAll('[data-half]')].filter((field) => field.validity.badInput)
    if (half.length === 0) return
    event.preventDefault()
    event.stopImmediatePropagation()
    for (const field of half) say(field)
    form.querySelector('#fault')?.remove()
    document.getElementById('fault')?.removeAttribute('id')
    template.before(summary(template, half))
    meet(form.querySelector('#fault'))
  })
}

// The sentence that a field has for this stands below it, until the field is whole or empty.
function say(field) {
  const id = `${field.id}-fault`
  document.getElementById(id)?.remove()
  const fault = Object.assign(document.createElement('p'), { id, className: 'fault', textContent: field.dataset.half })
  field.after(fault)
  field.setAttribute('aria-invalid', 'true')
  field.setAttribute('aria-describedby', id)
  const whole = () => {
    if (field.validity.badInput) return
    field.removeEventListener('change', whole)
    fault.remove()
    field.removeAttribute('aria-invalid')
    field.removeAttribute('aria-describedby')
  }
  field.addEventListener('change', whole)
}

function summary(template, fields) {
  const words = template.content.cloneNode(true)
  const links = fields.flatMap(({ id }) => {
    const label = document.querySelector(`label[for="${id}"]`)
    const link = Object.assign(document.createElement('a'), { href: `#${id}`, textContent: label.textContent })
    return [template.dataset.separator, link]
  })
  words.querySelector('slot').replaceWith(...links.slice(1))
  const box = Object.assign(document.createElement('p'), { id: 'fault', className: 'fault summary', tabIndex: -1 })
  box.setAttribute('role', 'alert')
  box.append(words)
  return box
}

// While a great many people use a form, it asks for proof of work (ALTCHA), which is done when the button is pressed.
for (const form of document.querySelectorAll('form[data-proof]')) {
  // Stands there for those whom this script does not reach, whatever keeps it from them.
  form.querySelector('.scriptless').remove()
  const button = form.querySelector('button[type="submit"]')
  const words = button.textContent
  const solution = form.querySelector('[name="altcha"]')
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    if (button.getAttribute('aria-busy')) return
    button.setAttribute('aria-busy', 'true')
    button.textContent = form.dataset.busy
    try {
      const response = await fetch(form.dataset.proof)
      solution.value = await solve(await response.json())
      form.submit()
    } catch {
      ready()
      form.querySelector('.hint.help')?.remove()
      button.parentElement.before(help(form))
    }
  })
  // Whoever comes back to the page finds it as it was; what was solved counts once.
  const ready = () => {
    button.removeAttribute('aria-busy')
    button.textContent = words
    solution.value = ''
  }
  addEventListener('pageshow', ready)
}

// What to do when the check fails stands in the form, in its language.
function help(form) {
  const note = form.querySelector('template.failed').content.cloneNode(true)
  note.querySelector('a').target = '_blank'
  return note
}

// Tries one counter after the other, some at a time, until a key begins with the prefix.
async function solve({ parameters, signature }) {
  const { nonce, salt, cost, keyLength, keyPrefix } = parameters
  const ATONCE = 16
  for (let from = 0; ; from += ATONCE) {
    const counters = Array.from({ length: ATONCE }, (_, index) => from + index)
    const keys = await Promise.all(counters.map((counter) => derive(counter)))
    const found = keys.findIndex((key) => key.startsWith(keyPrefix))
    if (found < 0) continue
    const solution = { counter: from + found, derivedKey: keys[found] }
    return btoa(JSON.stringify({ challenge: { parameters, signature }, solution }))
  }

  async function derive(counter) {
    const password = new Uint8Array(20)
    password.set(bytesOf(nonce))
    new DataView(password.buffer).setUint32(16, counter)
    const key = await crypto.subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits'])
    const how = { name: 'PBKDF2', hash: 'SHA-256', salt: bytesOf(salt), iterations: cost }
    return hexOf(new Uint8Array(await crypto.subtle.deriveBits(how, key, keyLength * 8)))
  }
}

const bytesOf = (hex) => Uint8Array.from(hex.match(/../g), (pair) => Number.parseInt(pair, 16))
const hexOf = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
