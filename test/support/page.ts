/** Parses our pages as far as tests need it. */

const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  nbsp: '\u00a0',
}

/** The text that a piece of markup shows. */
export const textOf = (html: string) =>
  html
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#x([0-9a-f]+);/gi, (_, code: string) =>
      String.fromCodePoint(Number.parseInt(code, 16)),
    )
    .replace(/&(\w+);/g, (all, name: string) => NAMED[name] ?? all)
    .replace(/\s+/g, ' ')
    .trim()

/** The messages at the fields of a form, by the ID of the field. */
export const faultsOf = (html: string): Record<string, string> =>
  Object.fromEntries(
    [...html.matchAll(/<p class="fault" id="([^"]+)-fault">([^<]*)<\/p>/g)].map(
      ([, id = '', text = '']) => [id, textOf(text)],
    ),
  )

/**
 * The values of the enrollment form, or of the form for one enrollment in the preferences.
 */
export function formOf(html: string, enrollment = '') {
  const forms = html.match(/<form method="post"[\s\S]*?<\/form>/g) ?? []
  const form = forms.find((one) => one.includes(enrollment) && one.includes('type="time"')) ?? ''
  const inputs = [...form.matchAll(/<input\s[^>]*>/g)].map(([tag]) => tag)
  const attribute = (tag: string, name: string) =>
    unescaped(new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? '')
  const named = (name: string) => inputs.filter((tag) => attribute(tag, 'name') === name)
  const ticked = (name: string) =>
    named(name)
      .filter((tag) => / checked>/.test(tag))
      .map((tag) => attribute(tag, 'value'))
  const value = (name: string) => attribute(named(name)[0] ?? '', 'value')
  return {
    email: value('email'),
    name: value('name'),
    time: value('time'),
    zone: unescaped(/<option value="([^"]*)" selected>/.exec(form)?.[1] ?? ''),
    weekdays: ticked('weekdays'),
    daily: ticked('daily')[0] ?? '',
  }
}

/** The hidden fields of the enrollment form. */
export const hiddenOf = (html: string): Record<string, string> =>
  Object.fromEntries(
    [...html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(
      ([, name = '', value = '']) => [name, unescaped(value)],
    ),
  )

const unescaped = (text: string) =>
  text
    .replace(/&#x([0-9a-f]+);/gi, (_, code: string) =>
      String.fromCodePoint(Number.parseInt(code, 16)),
    )
    .replace(/&(\w+);/g, (all, name: string) => NAMED[name] ?? all)
