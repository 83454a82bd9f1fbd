/**
 * A course's own colors on its page: a style sheet at an address of ours, since the policy of our
 * pages lets no style stand in a page itself. It gives the custom properties of assets/style.css
 * other values.
 */
import type { Series } from '../../domain/course.ts'
import { type Look, lookIn, SCHEMES, type Theme } from '../../domain/theme.ts'

/** Where the sheet of a series is; nothing for one that looks as the site does. */
export const sheetAddress = ({ slug, theme }: Series) => (theme ? `/courses/${slug}/theme.css` : '')

/** The sheet of a theme, for both color schemes. */
export function themeSheet(theme: Theme): string {
  return SCHEMES.map((scheme) =>
    // A scheme without colors of its own stays as style.css has it.
    theme[scheme] ? `@media ${MEDIA[scheme]} {\n${properties(lookIn(scheme, theme))}}\n` : '',
  ).join('')
}

const MEDIA = {
  light: 'not all and (prefers-color-scheme: dark)',
  dark: '(prefers-color-scheme: dark)',
} as const

const properties = (look: Look) => `:root {
  --paper: ${look.page};
  --sheet: ${look.card};
  --tint: ${look.tint};
  --ink: ${look.text};
  --soft: ${look.soft};
  --line: ${look.line};
  --edge: ${look.soft};
  --dawn: ${look.accent};
  --button: ${look.button};
  --on-button: ${look.onButton};
}
`
