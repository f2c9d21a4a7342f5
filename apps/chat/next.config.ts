import { resolve } from "node:path";

import type { NextConfig } from "next";

const repository = resolve(import.meta.dirname, "../..");

/** Headers of every answer; the Content-Security-Policy of pages is made per request in `src/proxy.ts`. */
const headers = [
  { key: "X-Content-Type-Options", value: "nosniff" },
  { key: "X-Frame-Options", value: "DENY" },
  { key: "Referrer-Policy", value: "strict-origin-when-cross-origin" },
  { key: "Permissions-Policy", value: "camera=(), microphone=(), geolocation=(), browsing-topics=()" },
  { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
  { key: "Cross-Origin-Resource-Policy", value: "same-origin" },
];

const config: NextConfig = {
  output: "standalone",
  outputFileTracingRoot: repository,
  turbopack: { root: repository },
  // The build looks at what it ships; `npm run types` also at the tests.
  typescript: { tsconfigPath: "tsconfig.next.json" },
  transpilePackages: ["@fairlead/runtime"],
  reactStrictMode: true,
  poweredByHeader: false,
  compress: true,
  productionBrowserSourceMaps: false,
  images: { unoptimized: true },
  outputFileTracingExcludes: { "**/*": ["../../node_modules/sharp/**", "../../node_modules/@img/**"] },
  headers() {
    return Promise.resolve([
      { source: "/:path*", headers },
      {
        source: "/:path*",
        has: [{ type: "header", key: "x-forwarded-proto", value: "https" }],
        headers: [{ key: "Strict-Transport-Security", value: "max-age=63072000; includeSubDomains" }],
      },
      {
        source: "/api/:path*",
        headers: [{ key: "Content-Security-Policy", value: "default-src 'none'; frame-ancestors 'none'" }],
      },
    ]);
  },
};

export default config;
