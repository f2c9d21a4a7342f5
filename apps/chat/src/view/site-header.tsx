import Link from "next/link";

import { Brand } from "./brand.tsx";

/** The head of pages for visitors who are not logged in. */
export function SiteHeader() {
  return (
    <header className="site-header">
      <Brand />
      <nav aria-label="Site">
        <Link href="/about">About</Link>
        <Link href="/login">Log in</Link>
        <Link className="button" href="/signup">
          Sign up
        </Link>
      </nav>
    </header>
  );
}
