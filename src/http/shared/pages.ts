import { readdir, readFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import Handlebars from 'handlebars'

/** Renders a page of templates/pages; what `data` lacks is an error, not a blank. */
export type Pages = (name: string, data: object) => string

/** Reads templates/pages and its partials. `common` is what every page may show. */
export async function loadPages(folder: string, common: object): Promise<Pages> {
  const handlebars = Handlebars.create()
  handlebars.registerHelper('eq', (a: unknown, b: unknown) => a === b)
  for (const [name, source] of await sources(join(folder, 'partials')))
    handlebars.registerPartial(name, source)
  const pages = new Map<string, Handlebars.TemplateDelegate>()
  for (const [name, source] of await sources(folder))
    pages.set(name, handlebars.compile(source, { strict: true, preventIndent: true }))
  return (name, data) => {
    const page = pages.get(name)
    if (!page) throw new RangeError(`templates/pages has no ${name}`)
    return page({ ...common, ...data })
  }
}

async function sources(folder: string): Promise<[string, string][]> {
  const names = (await readdir(folder)).filter((name) => extname(name) === '.hbs')
  return Promise.all(
    names.map(async (name): Promise<[string, string]> => {
      const source = await readFile(join(folder, name), 'utf8')
      return [basename(name, '.hbs'), source]
    }),
  )
}
