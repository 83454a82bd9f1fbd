/** A plain name of what pages and mails load: no dot comes first, and no folder. */
const SERVED = /^[A-Za-z0-9_-][\w.-]*\.(avif|css|gif|ico|jpe?g|js|pdf|png|svg|txt|webp|woff2?)$/

/** Whether a file of this name is served under /assets. */
export const isServed = (name: string) => SERVED.test(name)
