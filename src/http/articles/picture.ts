/** Pictures of articles for other sites, created on the first request. */
import { LRUCache } from 'lru-cache'
import { articlePath, type LiveArticle } from '../../domain/article.ts'
import { paletteIn } from '../../domain/theme.ts'
import {
  openTitlePictures,
  PICTURE_SIZE,
  pictureName,
  type TitlePicture,
} from '../../platform/title-picture.ts'
import type { VisitorSite } from '../shared/site.ts'
import type { SharedPicture } from './structured-data.ts'

/** A picture takes about 20 kB. */
const MAX_CACHE_BYTES = 8 * 1024 * 1024

export type Pictures = ReturnType<typeof openPictures>

export function openPictures({ config, letterhead, siteUrl }: VisitorSite) {
  const look = paletteIn('light', config.site.settings.theme)
  // Loaded with the first article: a site without articles does not pay for it.
  let drawing: ReturnType<typeof openTitlePictures> | undefined
  const draws = () => (drawing ??= openTitlePictures())
  const cache = new LRUCache<string, Buffer, TitlePicture>({
    maxSize: MAX_CACHE_BYTES,
    sizeCalculation: (bytes) => Math.max(1, bytes.length),
    fetchMethod: async (_name, _stale, { context }) => (await draws())?.(context),
  })
  const pictureOf = ({ title, author, language }: LiveArticle): TitlePicture => ({
    title,
    author,
    language,
    site: letterhead.siteName,
    look,
  })
  const nameOf = (article: LiveArticle) => pictureName(pictureOf(article))
  return {
    nameOf,
    /**
     * Returns the picture's address; where titles cannot be drawn, the article's own picture or
     * null.
     */
    addressOf: async (article: LiveArticle): Promise<SharedPicture | null> => {
      const { slug, picture } = article
      if (await draws())
        return {
          url: `${siteUrl}${articlePath(slug)}/${nameOf(article)}.png`,
          ...PICTURE_SIZE,
        }
      return picture && { ...picture, url: siteUrl + picture.src }
    },
    bytesOf: (article: LiveArticle) =>
      cache.fetch(nameOf(article), { context: pictureOf(article) }),
  }
}
