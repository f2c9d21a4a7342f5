import { headers } from "next/headers";
import Link from "next/link";

import { claimsLogin } from "../server/logins.ts";
import { Brand } from "./brand.tsx";

/** The head of pages that anybody may read; the database is not asked for it. */
export async function SiteHeader() {
  const loggedIn = claimsLogin((await headers()).get("cookie"));
  return (
    <header className="site-header">
      <Brand />
      <nav aria-label="Site">
        <Link href="/about">About</Link>
        {loggedIn ? (
          <Link className="button" href="/">
            Your sessions
          </Link>
        ) : (
          <>
            <Link href="/login">Log in</Link>
            <Link className="button" href="/signup">
              Sign up
            </Link>
          </>
        )}
      </nav>
    </header>
  );
}
