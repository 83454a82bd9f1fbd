/**
 * A course's own colors on its page: a style sheet with its own address, since our content security
 * policy forbids inline styles. It overrides the custom properties of assets/style.css.
 */
import { type Context, Hono } from 'hono'
import type { Series } from '../../domain/course.ts'
import { Problem } from '../../domain/problem.ts'
import { type Palette, paletteIn, SCHEMES, type Theme } from '../../domain/theme.ts'
import type { PageSite } from './site.ts'

/** Returns the address of a series' sheet; empty for one that looks like the site. */
export const sheetAddress = ({ slug, theme }: Series) => (theme ? `/courses/${slug}/theme.css` : '')

/** Address of the site's sheet, for pages that belong to no single series. */
export const SITE_SHEET = '/theme.css'

export const siteSheet = ({ config }: Pick<PageSite, 'config'>) =>
  new Hono().get(SITE_SHEET, (c) => answerSheet(c, config.site.settings.theme))

/** Responds with a sheet, cached as long as an asset. Throws a Problem if there is no theme. */
export function answerSheet(c: Context, theme: Theme | undefined) {
  if (!theme) throw new Problem('not_found', 'course.no-theme')
  return c.body(themeSheet(theme), 200, {
    'Content-Type': 'text/css; charset=utf-8',
    'Cache-Control': 'public, max-age=300',
  })
}

/** The sheet of a theme, for both color schemes. */
function themeSheet(theme: Theme): string {
  return SCHEMES.map((scheme) =>
    // A scheme without colors of its own keeps those of style.css.
    theme[scheme] ? `@media ${MEDIA[scheme]} {\n${properties(paletteIn(scheme, theme))}}\n` : '',
  ).join('')
}

const MEDIA = {
  light: 'not all and (prefers-color-scheme: dark)',
  dark: '(prefers-color-scheme: dark)',
} as const

const properties = (look: Palette) => `:root {
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
