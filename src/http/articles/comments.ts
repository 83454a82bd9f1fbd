import type { Context } from 'hono'
import type { LiveArticle } from '../../domain/article.ts'
import type { VisitorSite } from '../shared/site.ts'

/** What the partial `comments` shows below an article; null where there is no such section. */
export const commentsSection = async (
  _c: Context,
  _app: VisitorSite,
  _article: LiveArticle,
): Promise<Record<string, unknown> | null> => null
