/** The policy of a page: only our own files, and scripts only with the page's nonce. */
export function contentSecurityPolicy(nonce: string, options: { development: boolean }): string {
  // React's development build evaluates strings, and its overlay has inline styles.
  const evaluate = options.development ? " 'unsafe-eval'" : "";
  const style = options.development ? "'unsafe-inline'" : `'nonce-${nonce}'`;
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${evaluate}`,
    `style-src 'self' ${style}`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}
