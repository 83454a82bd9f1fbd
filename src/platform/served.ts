/** A plain file name with a known extension: no leading dot, no folder. */
const SERVED = /^[A-Za-z0-9_-][\w.-]*\.(avif|css|gif|ico|jpe?g|js|pdf|png|svg|txt|webp|woff2?)$/

/** Returns whether a file of this name is served under /assets. */
export const isServed = (name: string) => SERVED.test(name)
